using Vpo.Comparisons;

namespace Vpo.Tests.Comparisons;

public sealed class ComparisonPlanTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-plan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text = "clip")
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private string Run(string name, string best, params (string Method, string Query)[] clips)
    {
        var folder = Path.Combine(_folder, name);
        KeptClip[] kept = [.. clips.Select(c => new KeptClip(c.Method, c.Query, "p", 1, $"evaluation/{c.Method}/{c.Query}.png"))];
        foreach (var clip in kept)
            Write(Path.Combine(name, clip.File));
        new LoopResult { Rows = [], Clips = kept, BestMethod = best }.Write(Path.Combine(folder, "results.json"));
        return folder;
    }

    [Fact]
    public void Open_ARun_ComparesItsBestMethodWithTheOriginalQueries()
    {
        var run = Run("run", "vpo", ("original", "a cat"), ("original", "a dog"), ("vpo", "a cat"), ("vpo", "a dog"), ("sft", "a cat"));
        var pairs = ComparisonPlan.Open([run]).Pairs;
        Assert.Equal([("a cat", "vpo", "original"), ("a dog", "vpo", "original")], pairs.Select(p => (p.Query, p.First.Method, p.Second.Method)));
        Assert.Equal([("a cat", "sft", "original"), ("a cat", "sft", "vpo")], ComparisonPlan.Open([run], "sft", ["original", "vpo"]).Pairs.Select(p => (p.Query, p.First.Method, p.Second.Method)));
        Assert.Contains("original, vpo, sft", Assert.Throws<ArgumentException>(() => ComparisonPlan.Open([run], "nothing")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TwoRuns_ComparesTheirBestMethods()
    {
        var pairs = ComparisonPlan.Open([Run("one", "vpo", ("vpo", "a cat")), Run("two", "sft", ("sft", "a cat"), ("sft", "a dog"))]).Pairs;
        Assert.Equal([("one/vpo", "two/sft")], pairs.Select(p => (p.First.Method, p.Second.Method)));
    }

    [Fact]
    public void Open_TwoFolders_JoinsFilesByName()
    {
        Write("ours/a red ball-0.mp4");
        Write("theirs/a red ball-0.webm");
        Write("theirs/notes.txt");
        var pair = Assert.Single(ComparisonPlan.Open([Path.Combine(_folder, "ours"), Path.Combine(_folder, "theirs")]).Pairs);
        Assert.Equal(("a red ball", "ours", "theirs"), (pair.Query, pair.First.Method, pair.Second.Method));
        Write("theirs/another.mp4");
        Assert.Contains("'another'", Assert.Throws<FileNotFoundException>(() => ComparisonPlan.Open([Path.Combine(_folder, "ours"), Path.Combine(_folder, "theirs")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AFileOfPairs_TakesPathsRelativeToIt()
    {
        Write("x/1.mp4");
        Write("x/2.mp4");
        var file = Write("pairs.jsonl", """{"query":"a cat","first":"x/1.mp4","second":"x/2.mp4","first_method":"vpo"}""" + "\n");
        var pair = Assert.Single(ComparisonPlan.Open([file]).Pairs);
        Assert.Equal(("a cat", "vpo", "second"), (pair.Query, pair.First.Method, pair.Second.Method));
    }

    [Theory]
    [InlineData("x/absent.mp4", typeof(FileNotFoundException))]
    [InlineData("x/1.txt", typeof(NotSupportedException))]
    public void Open_AClipThatCanNotBeShown_SaysWhich(string second, Type expected)
    {
        Write("x/1.mp4");
        Write("x/1.txt");
        var file = Write("pairs.jsonl", $$"""{"query":"a cat","first":"x/1.mp4","second":"{{second}}"}""" + "\n");
        Assert.Contains(Path.GetFileName(second), Assert.Throws(expected, () => ComparisonPlan.Open([file])).Message, StringComparison.Ordinal);
    }
}
