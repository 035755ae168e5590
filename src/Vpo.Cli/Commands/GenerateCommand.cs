using System.CommandLine;
using Vpo.Cli.Benchmarks;
using Vpo.Video.Files;

namespace Vpo.Cli.Commands;

/// <summary><c>vpo generate</c>: a prompt, or a file of them, to clips by a generator out of a configuration file.</summary>
internal static class GenerateCommand
{
    private const int Together = 8;

    public static Command Create()
    {
        var prompt = new Argument<string?>("prompt") { Description = "What to show.", Arity = ArgumentArity.ZeroOrOne };
        var generator = new Option<string>("--generator") { Description = OpenedGenerator.Says, Required = true };
        var config = new Option<string>("--config") { Description = "A JSON file with a section for each generator; see docs/generators.md.", DefaultValueFactory = _ => "generators.json" };
        var input = new Option<string?>("--input") { Description = "Instead of one prompt: what vpo optimize wrote, a JSON array of strings, or one prompt a line." };
        var plan = new Option<string?>("--plan") { Description = "Instead of one prompt: what 'vpo vbench plan' or 'vpo monetbench plan' wrote. It says each clip's prompt, seed and file name." };
        var output = new Option<string>("--out") { Description = "The folder for clips and clips.jsonl. What is there already is not made again.", DefaultValueFactory = _ => "clips" };
        var format = new Option<string>("--format") { Description = "Of clips that come as frames: mp4, gif, webp (these need ffmpeg), rgb, or png for a folder of pictures.", DefaultValueFactory = _ => "mp4" };
        var size = new Option<string?>("--size") { Description = "Such as 720x480. Default of this and the following: the generator's own." };
        var frames = new Option<int?>("--frames") { Description = "Number of frames." };
        var rate = new Option<double?>("--fps") { Description = "Frames a second." };
        var steps = new Option<int?>("--steps") { Description = "Denoising steps." };
        var guidance = new Option<double?>("--guidance") { Description = "Classifier-free guidance." };
        var seed = new Option<long>("--seed") { Description = "Same seed, same clip, where the model takes one.", DefaultValueFactory = _ => 0 };
        var negative = new Option<string?>("--negative-prompt") { Description = "What must not be seen." };
        var image = new Option<string?>("--image") { Description = "The first frame, a PNG file, for models that make a picture move." };
        var command = new Command("generate", "Makes clips of prompts by a hosted, external or local video model.") { prompt, generator, config, input, plan, output, format, size, frames, rate, steps, guidance, seed, negative, image };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var start = parsed.GetValue(image) is { } picture ? VideoFile.Open(picture) : null;
            var shots = Shots(parsed.GetValue(prompt), parsed.GetValue(input), parsed.GetValue(plan), parsed.GetResult(seed) is { Implicit: false } ? parsed.GetValue(seed) : null);
            var requests = shots.Select(shot => (new VideoRequest(shot.Prompt) { Seed = shot.Seed, NegativePrompt = parsed.GetValue(negative), StartFrame = start }, shot.File)).ToList();
            var (width, height) = SizeOf(parsed.GetValue(size));
            var options = new VideoOptions { Width = width, Height = height, FrameCount = parsed.GetValue(frames), FramesPerSecond = parsed.GetValue(rate), Steps = parsed.GetValue(steps), GuidanceScale = parsed.GetValue(guidance) };
            var (name, folder) = (parsed.GetValue(generator)!, Path.GetFullPath(parsed.GetValue(output)!));
            using var opened = OpenedGenerator.Open(name, parsed.GetValue(config)!, folder);
            var extension = parsed.GetValue(format) is { } kind and not "png" ? "." + kind : "";
            if (opened.IsLocal)
                VideoFile.CheckWritable("clip" + extension);   // not after minutes of work
            var many = new GenerateMany(opened.Generator, name, folder) { Concurrency = opened.IsLocal ? 1 : Together, Extension = extension };
            return await many.RunAsync(requests, options, cancellationToken);
        });
        return command;
    }

    private static IReadOnlyList<(string Prompt, long Seed, string? File)> Shots(string? prompt, string? input, string? plan, long? seed)
    {
        if (new[] { prompt, input, plan }.Count(given => given is not null) != 1)
            throw new ArgumentException("give one of a prompt, --input and --plan.");
        if (plan is null)
            return [.. (prompt is not null ? [prompt] : PromptFile.Read(input!)).Select(line => (line, seed ?? 0, (string?)null))];
        return seed is null
            ? [.. PlanFile.Read(plan).Select(clip => (clip.Prompt, clip.Seed, (string?)clip.File))]
            : throw new ArgumentException("--seed does not go with --plan, which has a seed for each clip: give it to the command that writes the plan.");
    }

    internal static (int? Width, int? Height) SizeOf(string? size) => size?.Split('x') switch
    {
        null => (null, null),
        [var width, var height] when int.TryParse(width, out var w) && int.TryParse(height, out var h) => (w, h),
        _ => throw new ArgumentException($"--size: expected two numbers such as 720x480, found '{size}'."),
    };
}
