namespace Vpo.Models.Gguf;

/// <summary>How the numbers of a GGUF tensor are packed: blocks of some values in some bytes.</summary>
/// <param name="Name">As in llama.cpp.</param>
/// <param name="Values">Per block.</param>
/// <param name="Bytes">Per block.</param>
/// <param name="Unpack">One block to float32.</param>
internal sealed record GgufType(string Name, int Values, int Bytes, GgufType.Unpacker Unpack)
{
    public delegate void Unpacker(ReadOnlySpan<byte> block, Span<float> values);

    private static readonly Dictionary<uint, GgufType> ById = new()
    {
        [0] = new("F32", 1, 4, Blocks.F32),
        [1] = new("F16", 1, 2, Blocks.F16),
        [30] = new("BF16", 1, 2, Blocks.BF16),
        [2] = new("Q4_0", 32, 18, Blocks.Q4_0),
        [3] = new("Q4_1", 32, 20, Blocks.Q4_1),
        [6] = new("Q5_0", 32, 22, Blocks.Q5_0),
        [7] = new("Q5_1", 32, 24, Blocks.Q5_1),
        [8] = new("Q8_0", 32, 34, Blocks.Q8_0),
        [10] = new("Q2_K", 256, 84, SuperBlocks.Q2_K),
        [11] = new("Q3_K", 256, 110, SuperBlocks.Q3_K),
        [12] = new("Q4_K", 256, 144, SuperBlocks.Q4_K),
        [13] = new("Q5_K", 256, 176, SuperBlocks.Q5_K),
        [14] = new("Q6_K", 256, 210, SuperBlocks.Q6_K),
    };

    public static GgufType? Find(uint id) => ById.GetValueOrDefault(id);

    public static string Supported => string.Join(", ", ById.Values.Select(type => type.Name));
}
