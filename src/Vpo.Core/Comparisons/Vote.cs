using Vpo.Storage;

namespace Vpo.Comparisons;

/// <summary>Which clip a person preferred, as it stood on the screen.</summary>
public enum Choice
{
    /// <summary>Neither.</summary>
    Tie,

    /// <summary>The left one.</summary>
    Left,

    /// <summary>The right one.</summary>
    Right,
}

/// <summary>One person's answer to one pair (votes.jsonl).</summary>
public sealed record Vote : IRecord
{
    /// <summary>Hash of person and pair: there is one vote of each.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the pair.</summary>
    public required string Pair { get; init; }

    /// <summary>The user's words.</summary>
    public required string Query { get; init; }

    /// <summary>Who voted.</summary>
    public required string Annotator { get; init; }

    /// <summary>Method of the pair's first side.</summary>
    public required string First { get; init; }

    /// <summary>Method of the second.</summary>
    public required string Second { get; init; }

    /// <summary>Whether the second side stood on the left.</summary>
    public required bool Swapped { get; init; }

    /// <summary>What was chosen.</summary>
    public required Choice Choice { get; init; }

    /// <summary>When, in UTC.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>From showing the pair to the vote.</summary>
    public double Seconds { get; init; }

    /// <summary>1 when the first side won, 0 for a tie, −1 when the second won.</summary>
    public int Verdict() => Choice == Choice.Tie ? 0 : (Choice == Choice.Left) == Swapped ? -1 : 1;

    /// <summary>The id of a person's vote on a pair; names that differ in case alone are one person's.</summary>
    public static string IdOf(string annotator, string pair)
    {
        ArgumentNullException.ThrowIfNull(annotator);
        return ContentId.Of("vote", annotator.ToUpperInvariant(), pair);
    }
}

/// <summary>The file of votes: each is on the disk before it counts, and a line torn by a kill is passed over.</summary>
public static class VoteFile
{
    /// <summary>Its name in a folder of annotations.</summary>
    public const string Name = "votes.jsonl";

    /// <summary>All votes; none when the file is absent.</summary>
    /// <exception cref="InvalidDataException">A line is no vote, or two are of the same person and pair.</exception>
    public static IReadOnlyList<Vote> Read(string path)
    {
        var votes = JsonlFile.Read(path, VpoJson.Lines.Vote);
        var twice = votes.GroupBy(v => v.Id).FirstOrDefault(g => g.Skip(1).Any());
        return twice is null ? votes : throw new InvalidDataException($"{path}: {twice.First().Annotator} voted {twice.Count()} times on \"{twice.First().Query}\": delete all but one line");
    }

    /// <summary>Appends one vote and waits until it is on the disk.</summary>
    public static void Append(string path, Vote vote) => JsonlFile.Append(path, [vote], VpoJson.Lines.Vote);
}
