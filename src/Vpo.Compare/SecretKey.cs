using System.Security.Cryptography;
using System.Text;

namespace Vpo.Compare;

/// <summary>The server's key: kept beside the votes, so that pages which are open when a server is killed go on with the next one.</summary>
internal sealed class SecretKey
{
    private const int Size = 32;
    private readonly byte[] _key;

    private SecretKey(byte[] key) => _key = key;

    /// <summary>Reads the key, or makes it; only its owner may read the file.</summary>
    public static SecretKey OpenOrCreate(string path)
    {
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var partial = path + ".partial";
            using (var file = new FileStream(partial, options))
            {
                file.Write(RandomNumberGenerator.GetBytes(Size));
                file.Flush(flushToDisk: true);
            }
            File.Move(partial, path);
        }
        var key = File.ReadAllBytes(path);
        return key.Length == Size ? new(key) : throw new InvalidDataException($"'{path}': expected {Size} bytes, found {key.Length}; delete it, and pages that are open must be loaded again");
    }

    /// <summary>Bytes for one purpose: the same for the same words, and not to be guessed without the key.</summary>
    public byte[] For(string purpose) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(purpose));

    /// <summary>The token that visitors from other machines must know.</summary>
    public string Token => Convert.ToHexStringLower(For("token"))[..32];
}
