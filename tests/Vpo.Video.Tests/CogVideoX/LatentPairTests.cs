using Vpo.Models.Checkpoints;
using Vpo.Video.CogVideoX;
using static TorchSharp.torch;

namespace Vpo.Video.Tests.CogVideoX;

public sealed class LatentPairTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-pairs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CogVideoXGenerator Generator() => new(Tiny.Pipeline(), new() { BatchSize = 3, Steps = 2, GuidanceScale = 1 });

    /// <summary>Likes bright clips; can't judge clips of prompts that hold "dark".</summary>
    private sealed class Brightness : IVideoReward
    {
        public int Calls;

        public Task<VideoScore> ScoreAsync(string query, string prompt, VideoClip clip, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref Calls);
            return prompt.Contains("dark", StringComparison.Ordinal)
                ? throw new VideoRewardException("too dark")
                : Task.FromResult(new VideoScore { Score = clip.Frames.ToArray().Average(b => (double)b) });
        }

        public void Dispose() { }
    }

    [Fact]
    public async Task Make_ClipsOfAPrompt_KeepsBestAndWorstWithTheirLatents()
    {
        using var generator = Generator();
        var maker = new LatentPairMaker(generator, new Brightness(), new() { Candidates = 3, ChunkSize = 2, Seed = 5 });
        var files = await maker.MakeAsync([new("a", "a ball"), new("b", "dark ball"), new("c", "c ball")], _folder);
        Assert.Equal(["pairs-00000.safetensors", "pairs-00001.safetensors"], files.Select(f => Path.GetFileName(f)));
        using var scope = NewDisposeScope();
        using var first = SafetensorsFile.Open(files[0]);
        Assert.Equal([1, 3, 4, 4, 4], first.Shapes["chosen"]);
        Assert.Equal([2, Tiny.TextLength, 16], first.Shapes["text"]);
        Assert.Equal([0L], first.Read("text_of").data<long>().ToArray());
        double Bright(string name) => generator.Pipeline.Decode(new() { Prompts = ["a ball"], Noise = new SeededNoise([]) }, first.Read(name)).mean().item<float>();
        Assert.True(Bright("chosen") > Bright("rejected"));
    }

    [Fact]
    public async Task Make_FilesThatAreThere_AreNotMadeAgain()
    {
        using var generator = Generator();
        var reward = new Brightness();
        var maker = new LatentPairMaker(generator, reward, new() { Candidates = 2, ChunkSize = 1 });
        RewardedPrompt[] prompts = [new("a", "a"), new("b", "b")];
        var files = await maker.MakeAsync(prompts, _folder);
        File.Delete(files[1]);
        Assert.Equal(files, await maker.MakeAsync(prompts, _folder));
        Assert.Equal(6, reward.Calls);
    }

    [Fact]
    public async Task Encode_ClipsInFiles_GivesScaledLatentsOnce()
    {
        using var generator = Generator();
        var clips = await generator.GenerateBatchAsync([new("a") { Seed = 1 }, new("a") { Seed = 2 }]);
        var files = ClipPairs.Encode(generator.Pipeline, [new("a", clips[0], clips[1], 0.5)], _folder);
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(Assert.Single(files));
        Assert.Equal([1, 3, 4, 4, 4], file.Shapes["chosen"]);
        Assert.Equal([0.5f], file.Read("weights").data<float>().ToArray());
        Assert.True(file.Read("chosen").isfinite().all().item<bool>());
        Assert.Equal(files, ClipPairs.Encode(generator.Pipeline, [new("a", clips[0], clips[1], 0.5)], _folder));
    }

    [Fact]
    public void Encode_ImpossibleClips_AreRefusedBeforeAnyWork()
    {
        using var generator = Generator();
        VideoClip Clip(int frames, int side) => new(new byte[frames * side * side * 3], side, side, 8);
        string Refused(VideoClip chosen, VideoClip rejected, string prompt = "a") =>
            Assert.Throws<ArgumentException>(() => ClipPairs.Encode(generator.Pipeline, [new(prompt, chosen, rejected)], _folder)).Message;
        Assert.Contains("8k or 8k + 1", Refused(Clip(5, 16), Clip(5, 16)), StringComparison.Ordinal);
        Assert.Contains("multiple of 8", Refused(Clip(9, 12), Clip(9, 12)), StringComparison.Ordinal);
        Assert.Contains("one size", Refused(Clip(9, 16), Clip(9, 24)), StringComparison.Ordinal);
        Assert.Contains("at most 7", Refused(Clip(9, 16), Clip(9, 16), "one two three four five six seven eight nine"), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }
}
