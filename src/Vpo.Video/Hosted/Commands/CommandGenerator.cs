using System.Diagnostics;
using System.Text.Json.Nodes;
using Vpo.Video.Files;

namespace Vpo.Video.Hosted;

/// <summary>Clips from a program of this machine: one run a clip, in a folder of its own; only a whole clip leaves it.</summary>
internal sealed class CommandGenerator : IVideoGenerator
{
    private readonly CommandOptions _options;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly KeyedGate _requests = new();
    private readonly SemaphoreSlim _slots;

    public CommandGenerator(CommandOptions options, TimeProvider time)
    {
        (_options, _time, _folder) = (options, time, Path.GetFullPath(options.Folder));
        _slots = new(options.MaxConcurrentRuns);
    }

    /// <inheritdoc/>
    public async Task<VideoClip> GenerateAsync(
        VideoRequest request, VideoOptions? options = null, IProgress<VideoProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var plan = VideoPlan.Of(request, options, _options.Defaults, _options.CapabilitiesOf(options?.ModelId ?? _options.Defaults.Model));
        PlanTemplate.CheckPlaces(plan, [.. _options.Arguments], "Arguments");
        var id = plan.IdAt(string.Join(' ', [_options.Program, .. _options.Arguments]));
        using var alone = await _requests.EnterAsync(id, cancellationToken).ConfigureAwait(false);
        if (Existing(id) is not { } file)
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                file = await MakeAsync(id, plan, progress, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        return VideoFile.Open(file) with { ModelId = plan.Model ?? Path.GetFileName(_options.Program), Prompt = plan.Prompt, Seed = plan.Seed };
    }

    /// <summary>Runs in progress must have ended.</summary>
    public void Dispose() => _slots.Dispose();

    private string? Existing(string id) => Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, id + ".*").FirstOrDefault(file => !file.EndsWith(".partial", StringComparison.Ordinal)) : null;

    private async Task<string> MakeAsync(string id, VideoPlan plan, IProgress<VideoProgress>? progress, CancellationToken cancellationToken)
    {
        using var run = new PartialFile(Path.Combine(_folder, id));
        Directory.CreateDirectory(run.Path);
        var start = new ProcessStartInfo(_options.Program, Arguments(plan, run.Path)) { WorkingDirectory = _options.WorkingFolder ?? "" };
        foreach (var (name, value) in _options.Environment)
            start.Environment[name] = value;
        await CommandRun.RunAsync(start, _options.RunTimeout, _time, progress, cancellationToken).ConfigureAwait(false);
        var clip = ClipIn(run.Path);
        var target = Path.Combine(_folder, id + (ContainerKind.Of(clip) ?? throw new VideoGenerationException($"'{_options.Program}' wrote '{Path.GetFileName(clip)}', which is no complete video.")));
        File.Move(clip, target, overwrite: true);
        return target;
    }

    private string ClipIn(string folder)
    {
        string[] found = Directory.GetFiles(folder, _options.Output, SearchOption.AllDirectories);
        return found is [var clip]
            ? clip
            : throw new VideoGenerationException($"'{_options.Program}' ended well, but expected one file '{_options.Output}' in its folder, found {found.Length}. It wrote: {string.Join(", ", Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)))}.");
    }

    private List<string> Arguments(VideoPlan plan, string folder)
    {
        var values = PlanTemplate.Values(plan);
        values["out"] = folder;
        values["negative_prompt"] = plan.NegativePrompt.Length > 0 ? plan.NegativePrompt : null;
        values["prompt_file"] = WriteInput(folder, "prompt.txt", System.Text.Encoding.UTF8.GetBytes(plan.Prompt));
        values["start_frame"] = plan.StartFrame is { } png ? WriteInput(folder, "start.png", png) : null;
        var arguments = new List<string>();
        foreach (var template in _options.Arguments)
        {
            if (!values.Any(value => value.Value is null && PlanTemplate.Uses(template, value.Key)))
                arguments.Add(PlanTemplate.FillText(template, values));
            else if (arguments is [.., var name] && name.StartsWith('-'))
                arguments.RemoveAt(arguments.Count - 1);
        }
        foreach (var (name, value) in plan.Extra)
            arguments.AddRange(["--" + name, value is JsonValue leaf && leaf.TryGetValue<string>(out var text) ? text : value?.ToJsonString() ?? ""]);
        return arguments;
    }

    private static string WriteInput(string folder, string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
