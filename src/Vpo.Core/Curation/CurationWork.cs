using System.Security.Cryptography;

namespace Vpo.Curation;

/// <summary>The id of a piece of work: the same for the same files, whatever their names and order, and the same options.</summary>
public static class CurationWork
{
    /// <summary>Reads the files once, to hash them.</summary>
    /// <param name="files">The queries.</param>
    /// <param name="away">The queries to keep away from.</param>
    /// <param name="options">The options.</param>
    /// <param name="judge">Which judge looks again; null for none.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(IEnumerable<string> files, IEnumerable<string> away, CurationOptions options, string? judge)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(away);
        ArgumentNullException.ThrowIfNull(options);
        return ContentId.Of(["curation", options.ToJson(), judge, .. files.Select(HashOf).Order(StringComparer.Ordinal), "away", .. away.Select(HashOf).Order(StringComparer.Ordinal)]);
    }

    private static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
