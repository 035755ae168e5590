using System.Diagnostics;
using Vpo.MiniWorld;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Benchmarks;

/// <summary>What step caches save and what they cost, on the mini world's generator: 32 clips of 50 steps.</summary>
internal static class VideoCaches
{
    private const int Clips = 32, Steps = 50;

    private static readonly (string Name, StepCacheOptions? Options)[] Rows =
    [
        ("every step", null),
        ("first block, 0.03", new StepCacheOptions.FirstBlock(0.03)),
        ("first block, 0.05", new StepCacheOptions.FirstBlock(0.05)),
        ("first block, 0.1", new StepCacheOptions.FirstBlock(0.1)),
        ("first block, 0.2", new StepCacheOptions.FirstBlock(0.2)),
        ("time embedding, 0.1, no polynomial", new StepCacheOptions.TimeEmbedding(0.1, [1, 0])),
        ("time embedding, 0.2, no polynomial", new StepCacheOptions.TimeEmbedding(0.2, [1, 0])),
    ];

    public static void Show()
    {
        using var generator = (CogVideoXGenerator)MiniGenerator.OpenShipped();
        using var reward = new PixelChecklist();
        var queries = MiniQueries.Draw(Clips, QuerySplit.HeldOut, 7).Select(query => query.Text).ToList();
        using var teacher = new FewShotTeacher(TeacherNoise.None, 7);
        var prompts = queries.Select(query => teacher.OptimizeAsync(query).Result.Text).ToList();
        Tensor? exact = null;
        var all = double.NaN;
        using (var noise = new SeededNoise([0]))
            generator.Pipeline.Generate(new() { Prompts = [prompts[0]], Noise = noise, Steps = 2, Guidance = new(1) }).Dispose();   // the first run pays for set-up
        Console.WriteLine($"{"",-38}{"time",8}{"error",10}{"PSNR",8}{"reward",8}");
        foreach (var (name, options) in Rows)
        {
            using var noise = new SeededNoise(Enumerable.Range(0, Clips).Select(i => (long)i));
            var start = Stopwatch.GetTimestamp();
            var videos = generator.Pipeline.Generate(new() { Prompts = prompts, Noise = noise, Steps = Steps, Guidance = new(1), StepCache = options }).to(float32);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            exact ??= videos;
            all = double.IsNaN(all) ? seconds : all;
            using var gap = (videos - exact).square().mean();
            var error = Math.Sqrt(gap.item<float>());
            var score = VideoClips.Of(videos, 8, null).Select((clip, i) => reward.ScoreAsync(queries[i], prompts[i], clip).Result.Score).Average();
            Console.WriteLine(FormattableString.Invariant($"{name,-38}{seconds / all,8:P0}{error,10:0.0000}{-20 * Math.Log10(error),8:0.0}{score,8:0.00}"));
        }
    }
}
