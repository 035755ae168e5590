using Vpo.Video.Files;

namespace Vpo.Video.Hosted;

/// <summary>Fetches a finished clip once, in full: its length is compared, its structure read, and links that have expired are asked for anew.</summary>
internal sealed class ClipDownload(VideoService service, ServiceConnection connection, JobStore store, HostedVideoOptions options, TimeProvider time)
{
    private const int BufferSize = 1 << 16;

    /// <returns>The name of the file in the folder, and its length.</returns>
    /// <exception cref="VideoGenerationException">It could not be had; the job stays known, so that the next call tries again.</exception>
    public async Task<(string File, long Length)> FetchAsync(VideoJob job, JobStatus status, CancellationToken cancellationToken)
    {
        for (var repetition = 0; ; repetition++)
        {
            try
            {
                return await TryAsync(job, status, cancellationToken).ConfigureAwait(false);
            }
            catch (ServiceException e)
            {
                if (repetition >= options.Retries)
                    throw new VideoGenerationException($"{service.Name}: the clip of the job {job.JobId} is made, but can't be fetched. Make the same request again to try again. {e.Message}", e) { Code = e.Code };
            }
            await Task.Delay(Backoff.Of(options, repetition), time, cancellationToken).ConfigureAwait(false);
            status = await FreshAsync(job, status, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Links expire: the service may give a new one.</summary>
    private async Task<JobStatus> FreshAsync(VideoJob job, JobStatus status, CancellationToken cancellationToken)
    {
        try
        {
            return await service.PollAsync(job, cancellationToken).ConfigureAwait(false) is { State: JobState.Succeeded } fresh ? fresh : status;
        }
        catch (ServiceException)
        {
            return status;
        }
    }

    private async Task<(string File, long Length)> TryAsync(VideoJob job, JobStatus status, CancellationToken cancellationToken)
    {
        using var response = await connection.SendAsync(service.Download(job, status), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var name = job.Id + ".mp4";
        using var partial = new PartialFile(store.PathOf(name));
        var length = await CopyAsync(response, partial.Path, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength is { } announced && announced != length)
            throw new ServiceException(ServiceFailure.Unclear, $"the download ended after {length} of {announced} bytes");
        var kind = ContainerKind.Of(partial.Path) ?? throw new ServiceException(ServiceFailure.Unclear, $"expected a complete video, found {length} bytes of {response.Content.Headers.ContentType?.MediaType ?? "unknown kind"}");
        if (kind == ContainerKind.Mp4)
        {
            partial.Commit();
            return (name, length);
        }
        name = job.Id + kind;
        File.Move(partial.Path, store.PathOf(name), overwrite: true);
        return (name, length);
    }

    private async Task<long> CopyAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.RequestTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var source = await response.Content.ReadAsStreamAsync(both.Token).ConfigureAwait(false);
            await using var target = new FileStream(path, FileMode.Create, FileAccess.Write);
            var buffer = new byte[BufferSize];
            while (await source.ReadAsync(buffer, both.Token).ConfigureAwait(false) is > 0 and var read)
            {
                await target.WriteAsync(buffer.AsMemory(0, read), both.Token).ConfigureAwait(false);
                limit.CancelAfter(options.RequestTimeout);
            }
            return target.Length;
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new ServiceException(ServiceFailure.Unclear, $"the download broke off: {e.Message}", e);
        }
    }
}
