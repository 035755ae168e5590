using System.Security.Cryptography;
using System.Text;

namespace Vpo;

/// <summary>Ids that are hashes of what determines a record, so that the same work gets the same id on every machine.</summary>
public static class ContentId
{
    private const int Length = 20;

    /// <summary>The first 20 hexadecimal digits (80 bits) of the SHA-256 of the parts; parts can't run into each other.</summary>
    public static string Of(params ReadOnlySpan<string?> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> size = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part ?? "");
            BitConverter.TryWriteBytes(size, part is null ? -1 : bytes.Length);
            hash.AppendData(size);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Length];
    }

    /// <summary>A seed for one use, from a run's seed and what the use is for: independent streams that do not depend on the order of work.</summary>
    /// <returns>A number from 0 to 2³¹−1.</returns>
    public static int Seed(long seed, params ReadOnlySpan<string?> purpose)
    {
        var hex = Of([seed.ToString(System.Globalization.CultureInfo.InvariantCulture), .. purpose]);
        return Convert.ToInt32(hex[..8], 16) & int.MaxValue;
    }
}
