using System.CommandLine;
using System.Globalization;
using Vpo.Video.CogVideoX;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo plan</c>: what a video will need in time and memory, before anything is loaded.</summary>
internal static class PlanCommand
{
    private const double Gibi = 1L << 30;

    public static Command Create()
    {
        var generator = new Option<string>("--generator") { Description = "A CogVideoX folder of diffusers.", Required = true };
        var width = new Option<int?>("--width") { Description = "Pixels across. Default: the model's." };
        var height = new Option<int?>("--height") { Description = "Pixels down." };
        var frames = new Option<int?>("--frames") { Description = "Number of frames." };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps. Default 50." };
        var guidance = new Option<double?>("--guidance") { Description = "Guidance; 1 or less halves the work. Default 6." };
        var batch = new Option<int>("--batch") { Description = "Videos made together.", DefaultValueFactory = _ => 1 };
        var offload = new Option<Offload>("--offload") { Description = "Which parts are closed while they are not needed.", DefaultValueFactory = _ => Offload.None };
        var split = new Option<bool>("--split-guidance") { Description = "The halves of guidance are computed one after another." };
        var command = new Command("plan", "Says what a video needs in memory and time on this machine, from the configurations alone.")
            { generator, width, height, frames, steps, guidance, batch, offload, split };
        command.SetAction(parsed => Show(GenerationPlan.Of(
            parsed.GetValue(generator)!,
            new() { BatchSize = parsed.GetValue(batch), Offload = parsed.GetValue(offload), SplitsGuidance = parsed.GetValue(split) },
            new() { Width = parsed.GetValue(width), Height = parsed.GetValue(height), FrameCount = parsed.GetValue(frames), Steps = parsed.GetValue(steps), GuidanceScale = parsed.GetValue(guidance) })));
        return command;
    }

    private static int Show(GenerationPlan plan)
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Console.WriteLine($"{plan.Shape.Width}x{plan.Shape.Height}, {plan.Shape.Frames} frames, {plan.Tokens} tokens, {plan.Type}");
        Console.WriteLine($"{"",-14}{"TFLOP",10}{"time",12}{"weights",12}{"working",12}");
        foreach (var part in plan.Parts)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{part.Name,-14}{part.Flops / 1e12,10:N2}{Time(part.Time),12}{part.WeightBytes / Gibi,8:N2} GiB{part.WorkingBytes / Gibi,8:N2} GiB"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"in all about {Time(plan.Time)} and {plan.PeakBytes / Gibi:N2} GiB of {available / Gibi:N1} GiB{(plan.PeakBytes > available ? "; that does not fit: split guidance, --offload InOrder, or ask for a smaller video" : "")}"));
        return 0;
    }

    private static string Time(TimeSpan time) => time.TotalMinutes >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:N1} min")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:N1} s");
}
