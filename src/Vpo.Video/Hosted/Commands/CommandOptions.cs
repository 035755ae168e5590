using System.Text.Json.Serialization;

namespace Vpo.Video.Hosted;

/// <summary>A program that makes one clip a run.</summary>
public sealed class CommandOptions
{
    /// <summary>Where clips are kept; what is there is not made again. Required.</summary>
    public string Folder { get; set; } = "";

    /// <summary>The program: a path, or a name on the PATH. Required.</summary>
    public string Program { get; set; } = "";

    /// <summary>
    /// Its arguments, with {{prompt}}, {{negative_prompt}}, {{seed}}, {{width}}, {{height}}, {{frames}}, {{seconds}}, {{rate}}, {{steps}}, {{guidance}}, {{model}} where these belong;
    /// {{prompt_file}} is a text file with the prompt, {{start_frame}} a PNG file, {{out}} a folder of this run alone. An argument whose value is open is left out together with the one before it, if that begins with a dash.
    /// </summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>The clip in the folder of the run, for example "sample_0000.mp4"; * stands for anything. Required.</summary>
    public string Output { get; set; } = "";

    /// <summary>Where it runs; null: here.</summary>
    public string? WorkingFolder { get; set; }

    /// <summary>Environment variables that it gets in addition.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>();

    /// <summary>What calls take when they leave it open.</summary>
    public VideoDefaults Defaults { get; } = new();

    /// <summary>What the model can do; null: what <see cref="VideoModels.Find"/> knows of its name.</summary>
    [JsonIgnore]
    public VideoCapabilities? Capabilities { get; set; }

    /// <summary>Runs at a time. Default 1: a model usually fills its device.</summary>
    public int MaxConcurrentRuns { get; set; } = 1;

    /// <summary>How long one run may take. Default 2 hours.</summary>
    public TimeSpan RunTimeout { get; set; } = TimeSpan.FromHours(2);

    internal VideoCapabilities CapabilitiesOf(string? model) => Capabilities ?? VideoModels.Find(model);

    internal IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Folder))
            yield return "Folder: expected the folder for clips, found nothing";
        if (string.IsNullOrWhiteSpace(Program))
            yield return "Program: expected a program, found nothing";
        if (string.IsNullOrWhiteSpace(Output))
            yield return "Output: expected the name of the clip that the program writes, found nothing";
        if (!Arguments.Any(argument => PlanTemplate.Uses(argument, "prompt") || PlanTemplate.Uses(argument, "prompt_file") || PlanTemplate.Uses(argument, "start_frame")))
            yield return "Arguments: expected {{prompt}}, {{prompt_file}} or {{start_frame}} in one of them, found none";
        if (!Arguments.Any(argument => PlanTemplate.Uses(argument, "out")))
            yield return "Arguments: expected {{out}}, the folder of the run, in one of them, found none";
        if (WorkingFolder is not null && !Directory.Exists(WorkingFolder))
            yield return $"WorkingFolder: expected a folder, found '{WorkingFolder}', which does not exist";
        if (MaxConcurrentRuns < 1 || RunTimeout <= TimeSpan.Zero)
            yield return $"MaxConcurrentRuns, RunTimeout: expected 1 or more and a time above 0, found {MaxConcurrentRuns} and {RunTimeout}";
    }
}
