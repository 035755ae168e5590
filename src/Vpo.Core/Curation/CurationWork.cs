using System.Security.Cryptography;

namespace Vpo.Curation;

/// <summary>The id of a piece of work: the same for the same files, whatever their names and order, and the same options.</summary>
public static class CurationWork
{
    /// <summary>Reads the files once, to hash them.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(IEnumerable<string> files, CurationOptions options)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        return ContentId.Of(["curation", options.ToJson(), .. files.Select(HashOf).Order(StringComparer.Ordinal)]);
    }

    private static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
