using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Vpo.Storage;

namespace Vpo;

/// <summary>A distributed cache in a folder: one file a key, written whole or not at all, shared by processes. Entries do not expire.</summary>
/// <param name="folder">Made when the first entry is written.</param>
public sealed class FileCache(string folder) : IDistributedCache
{
    private readonly string _folder = string.IsNullOrEmpty(folder) ? throw new ArgumentException("expected a folder, found nothing", nameof(folder)) : Path.GetFullPath(folder);

    /// <inheritdoc/>
    public byte[]? Get(string key)
    {
        try
        {
            return File.ReadAllBytes(PathOf(key));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(key), token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => AtomicFile.Write(PathOf(key), stream => stream.Write(value));

    /// <inheritdoc/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        Set(key, value, options);
        return Task.CompletedTask;
    }

    /// <summary>Does nothing: entries do not expire.</summary>
    public void Refresh(string key) { }

    /// <summary>Does nothing: entries do not expire.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Remove(string key) => File.Delete(PathOf(key));

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        Remove(key);
        return Task.CompletedTask;
    }

    private string PathOf(string key)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        return Path.Combine(_folder, name[..2], name);
    }
}
