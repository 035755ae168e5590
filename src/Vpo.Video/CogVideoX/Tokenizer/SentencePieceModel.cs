using System.Text;
using Vpo.Models.Checkpoints;

namespace Vpo.Video.CogVideoX;

/// <summary>What a spiece.model file holds: pieces with scores, and how text is normalised.</summary>
internal sealed class SentencePieceModel
{
    private const int UnigramKind = 1;

    /// <summary>Text and log-probability of each piece, by id.</summary>
    public List<Piece> Pieces { get; } = [];

    /// <summary>The id for what no piece covers.</summary>
    public int UnknownId { get; private set; }

    /// <summary>Replacements of characters, or null for none.</summary>
    public CharacterMap? Map { get; private set; }

    /// <summary>A space is put in front of the text.</summary>
    public bool AddsPrefix { get; private set; } = true;

    /// <summary>Spaces in front, behind and in a row are dropped.</summary>
    public bool DropsExtraSpaces { get; private set; } = true;

    /// <param name="Text">UTF-8.</param>
    /// <param name="Score">Log-probability.</param>
    /// <param name="Kind">Normal, unknown, ...</param>
    internal readonly record struct Piece(byte[] Text, float Score, PieceKind Kind);

    internal enum PieceKind
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="CheckpointException">It is damaged, or not a Unigram model.</exception>
    public static SentencePieceModel Open(string path)
    {
        var model = new SentencePieceModel();
        try
        {
            model.Read(File.ReadAllBytes(path));
            return model;
        }
        catch (Exception e) when (e is CheckpointException or IndexOutOfRangeException or ArgumentException)
        {
            throw new CheckpointException($"'{path}': {e.Message}", e);
        }
    }

    private void Read(ReadOnlySpan<byte> file)
    {
        var reader = new ProtobufReader(file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: Pieces.Add(ReadPiece(reader.Content)); break;
                case 2: ReadTrainer(reader.Content); break;
                case 3: ReadNormalizer(reader.Content); break;
            }
        }
        UnknownId = Pieces.FindIndex(piece => piece.Kind == PieceKind.Unknown);
        if (UnknownId < 0)
            throw new CheckpointException("not a SentencePiece model: it has no piece for unknown text.");
        if (Pieces.FirstOrDefault(piece => piece.Kind is PieceKind.UserDefined or PieceKind.Byte) is { Text: { } text })
            throw new CheckpointException($"user-defined and byte pieces are not supported, found '{Encoding.UTF8.GetString(text)}'.");
    }

    private static Piece ReadPiece(ReadOnlySpan<byte> message)
    {
        var (text, score, kind) = (Array.Empty<byte>(), 0f, PieceKind.Normal);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: text = reader.Content.ToArray(); break;
                case 2: score = reader.Float; break;
                case 3: kind = (PieceKind)reader.Number; break;
            }
        }
        return new(text, score, kind);
    }

    private static void ReadTrainer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 3 && reader.Number != UnigramKind)
                throw new CheckpointException($"only Unigram models are supported, this one is of type {reader.Number}.");
            if (reader.Field == 24 && reader.Number != 0)
                throw new CheckpointException("treat_whitespace_as_suffix is not supported.");
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2: Map = reader.Content.IsEmpty ? null : new(reader.Content); break;
                case 3: AddsPrefix = reader.Number != 0; break;
                case 4: DropsExtraSpaces = reader.Number != 0; break;
                case 5 when reader.Number == 0: throw new CheckpointException("escape_whitespaces false is not supported.");
            }
        }
    }
}
