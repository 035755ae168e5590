namespace Vpo.Video.Files;

/// <summary>The checksum of PNG chunks (CRC-32 of ISO 3309).</summary>
internal static class PngChecksum
{
    private const uint Polynomial = 0xedb88320;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(Entry)];

    public static uint Of(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> data) => ~Add(Add(uint.MaxValue, kind), data);

    private static uint Add(uint sum, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
            sum = Table[(byte)(sum ^ value)] ^ (sum >> 8);
        return sum;
    }

    private static uint Entry(int n)
    {
        var entry = (uint)n;
        for (var bit = 0; bit < 8; bit++)
            entry = (entry & 1) != 0 ? Polynomial ^ (entry >> 1) : entry >> 1;
        return entry;
    }
}
