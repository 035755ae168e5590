using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Vpo.Models.Hub;

/// <summary>One file on its way into the cache: goes on where an earlier try stopped, is checked, and only then takes its name.</summary>
internal sealed class HubDownload(HubFile file, Uri source, string target, TimeSpan patience)
{
    /// <summary>Named so by Hugging Face's library, which goes on with it too.</summary>
    private string Partial => target + ".incomplete";

    /// <summary>One try.</summary>
    /// <returns>False when the connection ended early: what came is kept.</returns>
    /// <exception cref="HttpRequestException">The server refused or could not be reached.</exception>
    /// <exception cref="HubException">The content is not what the hub promised.</exception>
    public async Task<bool> TryAsync(HttpClient client, AuthenticationHeaderValue? authorization, Action<long> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        // Not shared: two pulls of the same file must not write into one another.
        await using (var stream = new FileStream(Partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 20))
        {
            if (stream.Length > file.Size)
                stream.SetLength(0);
            if (stream.Length < file.Size && !await FetchAsync(client, authorization, stream, progress, cancellation).ConfigureAwait(false))
                return false;
            await stream.FlushAsync(cancellation).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            stream.Position = 0;
            var found = await ChecksumAsync(stream, cancellation).ConfigureAwait(false);
            if (!found.Equals(file.ContentId, StringComparison.OrdinalIgnoreCase))
            {
                stream.SetLength(0);
                throw new HubException($"'{file.Path}' came with the checksum {found}, the hub promised {file.ContentId}. It was thrown away; pull again.");
            }
        }
        File.Move(Partial, target, overwrite: true);
        return true;
    }

    private async Task<bool> FetchAsync(HttpClient client, AuthenticationHeaderValue? authorization, FileStream stream, Action<long> progress, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        request.Headers.Authorization = authorization;
        if (stream.Length > 0)
            request.Headers.Range = new(stream.Length, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != stream.Length)
            stream.SetLength(0);   // the server sends all of it
        stream.Position = stream.Length;
        await using var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await CopyAsync(content, stream, progress, cancellation).ConfigureAwait(false);
        return stream.Length == file.Size;
    }

    private async Task CopyAsync(Stream content, FileStream stream, Action<long> progress, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 17];
        for (int read; (read = await ReadAsync(content, buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (stream.Length + read > file.Size)
                throw new HubException($"'{file.Path}' is longer than the {file.Size} bytes that the hub promised.");
            await stream.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            progress(stream.Length);
        }
    }

    /// <summary>A connection that breaks, or stands still for too long, reads as one that ends: the file is short, and the next try goes on. A full disk is not caught here.</summary>
    private async ValueTask<int> ReadAsync(Stream content, byte[] buffer, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        try
        {
            return await content.ReadAsync(buffer, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return 0;
        }
    }

    /// <summary>SHA-256 of the content, or git's SHA-1 over "blob length\0" and the content.</summary>
    private async Task<string> ChecksumAsync(Stream stream, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(file.Sha256 is null ? HashAlgorithmName.SHA1 : HashAlgorithmName.SHA256);
        if (file.Sha256 is null)
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Size}\0")));
        var buffer = new byte[1 << 17];
        for (int read; (read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
