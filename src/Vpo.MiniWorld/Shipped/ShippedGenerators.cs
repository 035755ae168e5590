using System.Reflection;
using System.Security.Cryptography;
using Vpo.Storage;

namespace Vpo.MiniWorld;

/// <summary>The generators inside this library, as resources: an application needs no file beside it.</summary>
internal static class ShippedGenerators
{
    /// <summary>The generator that optimizers are trained for.</summary>
    public const string First = "first";

    /// <summary>The one of the transfer row.</summary>
    public const string Second = "second";

    private const string Prefix = "generator/", Checksums = "SHA256SUMS";
    private static readonly Assembly Library = typeof(ShippedGenerators).Assembly;

    /// <summary>Brings a generator's files to disk, those that are not there yet or differ, and returns their folder.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public static string Unpack(string name, string? cacheFolder)
    {
        var root = $"{Prefix}{name}/";
        var sums = Read(root + Checksums);
        var folder = Path.Combine(cacheFolder ?? DefaultCache(), Convert.ToHexStringLower(SHA256.HashData(sums))[..16], name);
        foreach (var line in System.Text.Encoding.UTF8.GetString(sums).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (sum, file) = (line[..64], line[66..]);
            if (Library.GetManifestResourceInfo(root + file) is not null)
                Ensure(Path.Combine(folder, file), sum, root + file);
        }
        return folder;
    }

    private static void Ensure(string path, string sum, string resource)
    {
        if (File.Exists(path) && SumOf(File.ReadAllBytes(path)) == sum)
            return;
        var bytes = Read(resource);
        if (SumOf(bytes) != sum)
            throw new InvalidDataException($"The resource '{resource}' does not have the checksum that SHA256SUMS names. Restore the package again.");
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    private static string SumOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Read(string resource)
    {
        using var stream = Library.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"This build of {Library.GetName().Name} has no resource '{resource}'.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string DefaultCache()
    {
        var data = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(data.Length > 0 ? data : Path.GetTempPath(), "vpo", "mini-world");
    }
}
