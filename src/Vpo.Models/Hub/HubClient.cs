using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Vpo.Storage;

namespace Vpo.Models.Hub;

/// <summary>Fetches models from the Hugging Face hub, or a server that speaks its protocol, into the cache that Hugging Face's library uses.</summary>
/// <param name="client">Must follow redirects and have no short time-out; large files take long.</param>
/// <param name="options">Server, token and cache; null for the defaults.</param>
/// <param name="time">For the waits between retries; null for the system's.</param>
public sealed partial class HubClient(HttpClient client, HubOptions? options = null, TimeProvider? time = null)
{
    private readonly HubOptions _options = options ?? new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Whether a text could name a repository: "owner/name".</summary>
    public static bool IsRepository(string text) => RepositoryName().IsMatch(text);

    /// <summary>The folder of a model that was pulled before; null when it is not in the cache.</summary>
    public static string? Find(string repository, string revision = "main", HubOptions? options = null) =>
        IsRepository(repository) && RevisionName().IsMatch(revision) ? new HubCache((options ?? new()).CacheFolder, repository).Find(revision) : null;

    /// <summary>Lists the files of a repository.</summary>
    /// <exception cref="HubException">There is no such repository or revision, access is denied, or the server does not answer.</exception>
    public async Task<HubListing> ListAsync(string repository, string revision = "main", CancellationToken cancellation = default)
    {
        Check(repository, revision);
        var address = new Uri(_options.Endpoint, $"api/models/{repository}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        byte[] answer = [];
        await RetryAsync(repository, async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = Authorization;
            using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            answer = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
        return HubListing.Parse(answer);
    }

    /// <summary>Brings a model into the cache. Files that are there are not fetched again; a file that stopped half-way goes on.</summary>
    /// <param name="repository">"owner/name".</param>
    /// <param name="revision">A branch, a tag or a commit.</param>
    /// <param name="patterns">Which files; null or empty: what a model needs to run.</param>
    /// <param name="progress">In bytes.</param>
    /// <param name="cancellation">What has come is kept.</param>
    /// <returns>The folder with the files.</returns>
    /// <exception cref="HubException">Something could not be fetched or has a wrong checksum.</exception>
    public async Task<string> PullAsync(string repository, string revision = "main", IReadOnlyCollection<string>? patterns = null, IProgress<StageProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var listing = await ListAsync(repository, revision, cancellation).ConfigureAwait(false);
        var files = listing.Choose(patterns ?? []);
        var cache = new HubCache(_options.CacheFolder, repository);
        var (start, done, total) = (_time.GetTimestamp(), 0L, files.Sum(file => file.Size));
        foreach (var file in files)
        {
            if (!File.Exists(cache.BlobOf(file)))
                await DownloadAsync(repository, listing.Commit, file, cache, have => Report(done + have), cancellation).ConfigureAwait(false);
            cache.Link(file, listing.Commit);
            done += file.Size;
            Report(done);
        }
        cache.Remember(revision, listing.Commit);
        return cache.SnapshotOf(listing.Commit);

        void Report(long bytes) => progress?.Report(new(repository + " (KiB)", (int)(bytes >> 10), (int)(total >> 10),
            bytes > 0 ? _time.GetElapsedTime(start) * ((double)(total - bytes) / bytes) : null));
    }

    private async Task DownloadAsync(string repository, string commit, HubFile file, HubCache cache, Action<long> progress, CancellationToken cancellation)
    {
        var address = new Uri(_options.Endpoint, $"{repository}/resolve/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");
        var download = new HubDownload(file, address, cache.BlobOf(file), _options.Patience);
        await RetryAsync($"{repository}/{file.Path}", () => download.TryAsync(client, Authorization, progress, cancellation), cancellation).ConfigureAwait(false);
    }

    /// <summary>Sent with each request to the hub itself; .NET drops it when the hub redirects to a storage server.</summary>
    private AuthenticationHeaderValue? Authorization => _options.Token is { } token ? new("Bearer", token) : null;

    private async Task RetryAsync(string what, Func<Task<bool>> attempt, CancellationToken cancellation)
    {
        for (var tried = 0; ; tried++)
        {
            Exception? cause = null;
            try
            {
                if (await attempt().ConfigureAwait(false))
                    return;
            }
            catch (HttpRequestException e) when (!IsPassing(e.StatusCode))
            {
                throw new HubException(Explain(what, e), e);
            }
            catch (HttpRequestException e)
            {
                cause = e;
            }
            if (tried >= _options.Retries)
                throw new HubException($"'{what}' could not be fetched from {_options.Endpoint} in {tried + 1} tries{(cause is null ? ": the connection ended early each time" : ": " + cause.Message)}. "
                    + "What came is kept; pull again to go on.", cause ?? new IOException("connection ended early"));
            await Task.Delay(_options.RetryDelay * (1 << Math.Min(tried, 6)), _time, cancellation).ConfigureAwait(false);
        }
    }

    private static bool IsPassing(HttpStatusCode? status) => status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private string Explain(string what, HttpRequestException e) => e.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"the hub refused '{what}' ({(int)e.StatusCode}). "
            + (_options.Token is null ? "If the model is gated or private, accept its terms on its page and set HF_TOKEN." : "The token in HF_TOKEN may lack the right to read it, or the model's terms are not accepted."),
        HttpStatusCode.NotFound => $"the hub has no '{what}' (404). Check owner, name and revision; a private model also needs HF_TOKEN.",
        _ => $"the hub refused '{what}': {e.Message}",
    };

    private static void Check(string repository, string revision)
    {
        if (!IsRepository(repository))
            throw new ArgumentException($"'{repository}' does not name a repository. Expected \"owner/name\", for instance HuggingFaceTB/SmolLM2-135M-Instruct.");
        if (!RevisionName().IsMatch(revision))
            throw new ArgumentException($"'{revision}' does not name a revision. Expected a branch, a tag or a commit.");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*\z")]
    private static partial Regex RepositoryName();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_-]*([./][A-Za-z0-9_-]+)*\z")]
    private static partial Regex RevisionName();
}
