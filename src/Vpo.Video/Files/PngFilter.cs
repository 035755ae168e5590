namespace Vpo.Video.Files;

/// <summary>The five ways in which a row of a PNG is told by its neighbours (PNG, section 9).</summary>
internal enum PngFilter : byte
{
    None,
    Sub,
    Up,
    Average,
    Paeth,
}

/// <summary>Undoes the filters.</summary>
internal static class PngFilters
{
    /// <summary>Rows with a filter byte each to pixels.</summary>
    public static byte[] Undo(byte[] rows, int rowSize, int channels, string path)
    {
        var pixels = new byte[rows.Length / (rowSize + 1) * rowSize];
        for (var y = 0; y * rowSize < pixels.Length; y++)
        {
            var filter = (PngFilter)rows[y * (rowSize + 1)];
            if (filter > PngFilter.Paeth)
                throw new InvalidDataException($"'{path}' is damaged: row {y} has the filter {(int)filter}, there are 0 to 4.");
            for (var x = 0; x < rowSize; x++)
            {
                var left = x < channels ? (byte)0 : pixels[y * rowSize + x - channels];
                var up = y == 0 ? (byte)0 : pixels[(y - 1) * rowSize + x];
                var corner = x < channels || y == 0 ? (byte)0 : pixels[(y - 1) * rowSize + x - channels];
                pixels[y * rowSize + x] = (byte)(rows[y * (rowSize + 1) + 1 + x] + Predict(filter, left, up, corner));
            }
        }
        return pixels;
    }

    private static int Predict(PngFilter filter, int left, int up, int corner) => filter switch
    {
        PngFilter.Sub => left,
        PngFilter.Up => up,
        PngFilter.Average => (left + up) / 2,
        PngFilter.Paeth => Paeth(left, up, corner),
        _ => 0,
    };

    private static int Paeth(int left, int up, int corner)
    {
        var guess = left + up - corner;
        var (a, b, c) = (Math.Abs(guess - left), Math.Abs(guess - up), Math.Abs(guess - corner));
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
