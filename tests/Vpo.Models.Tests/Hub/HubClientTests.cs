using CsCheck;
using Vpo.Models.Checkpoints;
using Vpo.Models.Hub;
using static TorchSharp.torch;

namespace Vpo.Models.Tests.Hub;

public sealed class HubClientTests : IAsyncLifetime
{
    private readonly string _cache = Directory.CreateTempSubdirectory("vpo-hub-").FullName;
    private readonly HttpClient _http = new();
    private readonly byte[] _weights = WeightsFile();
    private FakeHub _hub = null!;

    public ValueTask InitializeAsync()
    {
        _hub = new(new() { ["config.json"] = "{}"u8.ToArray(), ["model.safetensors"] = _weights, ["sub folder/vocab.txt"] = "a\nb"u8.ToArray(), ["pytorch_model.bin"] = [1, 2, 3] });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_cache, recursive: true);
    }

    private HubOptions Options => new() { Endpoint = _hub.Endpoint, Token = null, CacheFolder = _cache, Retries = 3, RetryDelay = TimeSpan.FromMilliseconds(1), Patience = TimeSpan.FromMilliseconds(300) };

    private Task<string> Pull(params string[] patterns) => new HubClient(_http, Options).PullAsync("owner/tiny", patterns: patterns, cancellation: TestContext.Current.CancellationToken);

    private int RequestsFor(string name) => _hub.Requests.Count(r => r.Path.EndsWith(name, StringComparison.Ordinal));

    private static byte[] WeightsFile()
    {
        var path = Path.GetTempFileName();
        using var values = arange(50_000, dtype: float32);
        SafetensorsWriter.Write(path, [KeyValuePair.Create("w", values)]);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    [Fact]
    public async Task Pull_ARepository_GivesAFolderThatOpens()
    {
        var folder = await Pull();
        Assert.Equal(["config.json", "model.safetensors", "sub folder"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order());
        using var checkpoint = CheckpointFolder.Open(folder);   // through a symbolic link, as the cache of Hugging Face's library has it
        using var w = checkpoint.Read("w");
        Assert.Equal(49_999f, w[^1].item<float>());
        Assert.Equal(folder, HubClient.Find("owner/tiny", options: Options));
        Assert.Null(HubClient.Find("owner/other", options: Options));
    }

    [Fact]
    public async Task Pull_Again_FetchesNothingButTheListing()
    {
        await Pull();
        var before = _hub.Requests.Count;
        await Pull();
        Assert.Equal(before + 1, _hub.Requests.Count);
    }

    [Fact]
    public async Task Pull_CutInTheMiddle_GoesOnWhereItStopped()
    {
        _hub.Faults.Enqueue(Fault.None);   // config.json
        _hub.Faults.Enqueue(Fault.CutInTheMiddle);
        await Pull("config.json", "*.safetensors");
        Assert.Contains(_hub.Requests, r => r.Range is { } range && range.StartsWith("bytes=", StringComparison.Ordinal) && range != "bytes=0-");
    }

    [Fact]
    public async Task Pull_OfAFileThatAnEarlierRunBegan_GoesOnThere()
    {
        var blob = Path.Combine(_cache, "models--owner--tiny", "blobs", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_weights)));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        await File.WriteAllBytesAsync(blob + ".incomplete", _weights[..1000], TestContext.Current.CancellationToken);
        await Pull("*.safetensors");
        Assert.Contains(_hub.Requests, r => r.Range == "bytes=1000-");
    }

    /// <summary>Whatever goes wrong on the way, the content is the promised one or there is a typed error, and the next pull mends it.</summary>
    [Fact]
    public void Pull_WithAnyFaults_EndsWholeOrWithATypedError() => Gen.Enum<Fault>().Where(f => f != Fault.StandsStill).Array[0, 6].Sample(faults =>
    {
        foreach (var old in Directory.GetFileSystemEntries(_cache))
            Directory.Delete(old, recursive: true);
        _hub.Faults.Clear();
        foreach (var fault in faults)
            _hub.Faults.Enqueue(fault);
        string? folder = null;
        for (var pull = 0; pull < 8 && folder is null; pull++)
        {
            try
            {
                folder = Pull().GetAwaiter().GetResult();
            }
            catch (HubException)
            {
            }
        }
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(folder!, "model.safetensors")));
        Assert.Empty(Directory.GetFiles(_cache, "*.incomplete", SearchOption.AllDirectories));
    }, iter: 40, threads: 1);

    [Fact]
    public async Task Pull_AServerThatStandsStill_IsTriedAgain()
    {
        _hub.Faults.Enqueue(Fault.StandsStill);
        var folder = await Pull("*.safetensors");
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(folder, "model.safetensors"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Pull_WrongBytes_AreThrownAway()
    {
        _hub.Faults.Enqueue(Fault.OtherBytes);
        var e = await Assert.ThrowsAsync<HubException>(() => Pull("*.safetensors"));
        Assert.Contains("checksum", e.Message, StringComparison.Ordinal);
        Assert.Null(HubClient.Find("owner/tiny", options: Options));
    }

    [Fact]
    public async Task Pull_WithAToken_SendsItToTheHubOnly()
    {
        _hub.Token = "secret";
        var e = await Assert.ThrowsAsync<HubException>(() => Pull());
        Assert.Contains("HF_TOKEN", e.Message, StringComparison.Ordinal);
        var options = Options with { Token = "secret" };
        await new HubClient(_http, options).PullAsync("owner/tiny", cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain("secret", options.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, RequestsFor("model.safetensors") + 1);   // the hub, then the storage
        Assert.Contains(_hub.Requests, r => r.Path.EndsWith("model.safetensors", StringComparison.Ordinal) && r.Authorization is null);
    }

    [Theory]
    [InlineData("../../evil.json")]
    [InlineData("/etc/evil.json")]
    [InlineData("a\\..\\evil.json")]
    [InlineData("C:evil.json")]
    public async Task Pull_AFileOutsideTheRepository_IsRefused(string name)
    {
        _hub.Listing = System.Text.Json.JsonSerializer.Serialize(new { sha = FakeHub.Commit, siblings = new[] { new { rfilename = name, size = 3, blobId = FakeHub.Commit } } });
        Assert.Contains("not inside", (await Assert.ThrowsAsync<HubException>(() => Pull("*.json"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("owner/../x")]
    [InlineData("owner/name/more")]
    public async Task Pull_ANameThatIsNone_IsRefused(string repository) =>
        await Assert.ThrowsAsync<ArgumentException>(() => new HubClient(_http, Options).PullAsync(repository, cancellation: TestContext.Current.CancellationToken));

    [Fact]
    public async Task Pull_NoSuchRepository_SaysSo()
    {
        var e = await Assert.ThrowsAsync<HubException>(() => new HubClient(_http, Options).PullAsync("owner/absent", cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("404", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_NothingThatFits_ListsWhatThereIs() =>
        Assert.Contains("pytorch_model.bin", (await Assert.ThrowsAsync<HubException>(() => Pull("*.gguf"))).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_AnyBytes_GivesAListingOrATypedError() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            HubListing.Parse(bytes);
        }
        catch (HubException)
        {
        }
    });
}
