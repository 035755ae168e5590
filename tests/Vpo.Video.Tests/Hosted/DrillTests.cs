using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Vpo.Video.Hosted;

namespace Vpo.Video.Tests.Hosted;

/// <summary>Many requests against a service that fails in every way: each clip once, none lost, none paid twice.</summary>
public sealed class DrillTests : IDisposable
{
    private const double FaultRate = 0.3;
    private static readonly Fault[] Submit = [Fault.Slow, Fault.TooMany, Fault.Unavailable, Fault.ServerError, Fault.BadGateway, Fault.Garbage, Fault.DropBefore, Fault.DropAfter, Fault.FailedJob];
    private static readonly Fault[] SafeSubmit = [Fault.Slow, Fault.TooMany, Fault.Unavailable, Fault.FailedJob];
    private static readonly Fault[] Ask = [Fault.Slow, Fault.TooMany, Fault.Unavailable, Fault.ServerError, Fault.BadGateway, Fault.Garbage, Fault.DropBefore, Fault.DropAfter];
    private static readonly Fault[] Fetch = [.. Ask, Fault.Expired, Fault.TornDownload, Fault.ShortDownload];

    private readonly string _folder = Directory.CreateTempSubdirectory("vpo-drill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Providers() => ["videos", "replicate", "comfyui", "fal", "zhipu"];

    [Theory, MemberData(nameof(Providers))]
    public Task Generate_SixtyRequestsThirtyPercentFaults_EachClipOnceNoneLostNonePaidTwice(string provider) => Drill(provider, 60, 1);

    [Theory(Explicit = true), Trait("Category", "Long"), MemberData(nameof(Providers))]
    public Task Generate_FiveHundredRequestsThirtyPercentFaults_EachClipOnceNoneLostNonePaidTwice(string provider) => Drill(provider, 500, 2);

    private async Task Drill(string provider, int count, int seed)
    {
        await using var fake = Generators.Fake(provider, polls: 1);
        var random = new Random(seed);
        fake.NextFault = verb => random.NextDouble() >= FaultRate ? Fault.None : Pick(random, verb switch
        {
            Verb.Submit => Generators.Recovers(provider) ? Submit : SafeSubmit,
            Verb.Download => Fetch,
            _ => Ask,
        });
        List<VideoRequest> requests = [.. Enumerable.Range(0, count).Select(i => new VideoRequest($"a dog number {i}") { Seed = i })];

        // A first process is stopped in the middle and leaves its jobs running; a second one does the rest; a third finds all done.
        using var stop = new CancellationTokenSource();
        await using (var first = Generators.Build(provider, fake, _folder, options => options.CancelsJobs = false))
        {
            var half = Generators.Get(first).GenerateManyAsync(requests, null, new After(count, stop), stop.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => half);
        }
        await using (var second = Generators.Build(provider, fake, _folder))
            Check(await Generators.Get(second).GenerateManyAsync(requests, cancellationToken: TestContext.Current.CancellationToken), requests, fake);
        var asked = fake.Requests.Count;
        await using (var third = Generators.Build(provider, fake, _folder))
            Check(await Generators.Get(third).GenerateManyAsync(requests, cancellationToken: TestContext.Current.CancellationToken), requests, fake);
        Assert.Equal(asked, fake.Requests.Count);
        TestContext.Current.SendDiagnosticMessage($"{provider}: {count} clips, {asked} requests, {fake.Jobs.Count} jobs");
    }

    private static Fault Pick(Random random, Fault[] faults) => faults[random.Next(faults.Length)];

    private static void Check(IReadOnlyList<VideoClip> clips, List<VideoRequest> requests, FakeService fake)
    {
        foreach (var (clip, request) in clips.Zip(requests))
        {
            var job = Assert.Single(fake.Paid[request.Prompt]);
            Assert.Contains(job.Prompt + " by " + job.Id, Encoding.UTF8.GetString(File.ReadAllBytes(clip.File!)), StringComparison.Ordinal);
            Assert.Equal((request.Prompt, request.Seed, 49), (clip.Prompt, clip.Seed, clip.FrameCount));
        }
        Assert.Equal(requests.Count, clips.Select(clip => clip.File).Distinct().Count());
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.GetDirectoryName(clips[0].File)!), file => file.EndsWith(".partial", StringComparison.Ordinal));
    }

    /// <summary>Stops when many things have happened.</summary>
    private sealed class After(int reports, CancellationTokenSource stop) : IProgress<VideoProgress>
    {
        private int _left = reports;

        public void Report(VideoProgress value)
        {
            if (Interlocked.Decrement(ref _left) == 0)
                stop.Cancel();
        }
    }
}
