using System.Runtime.InteropServices;

namespace Vpo.Models.Generation;

/// <summary>An answer in the making.</summary>
internal sealed class Answer(int index, GenerationRequest request, int room, TextStream? text)
{
    private readonly List<int> _history = [.. request.Prompt];
    private readonly System.Text.StringBuilder _written = new();
    private FinishReason _reason;
    private int _dropped;   // trailing ids that belong to a stop

    /// <summary>State of this answer's random numbers.</summary>
    public UniformStream Stream = new(request.Seed);

    public int Index => index;

    public int PromptLength => request.Prompt.Count;

    /// <summary>Most new ids.</summary>
    public int Room => room;

    public bool IsFinished { get; private set; }

    public ReadOnlySpan<int> History => CollectionsMarshal.AsSpan(_history);

    public ReadOnlySpan<int> Prompt => History[..PromptLength];

    public GeneratedText Result => new([.. History[PromptLength..^_dropped]], _reason);

    /// <summary>Adds an id. False when it is a stop id and so no part of the answer.</summary>
    public bool Add(int id, SamplingOptions options)
    {
        _history.Add(id);
        if (options.Stops.Contains(id))
        {
            (_dropped, _reason, IsFinished) = (1, FinishReason.StopId, true);
            return false;
        }
        if (text is not null && HasStopText(id, options.StopTexts))
            (_reason, IsFinished) = (FinishReason.StopText, true);
        else if (_history.Count - PromptLength >= room)
            (_reason, IsFinished) = (FinishReason.Length, true);
        return true;
    }

    private bool HasStopText(int id, IReadOnlyList<string> stops)
    {
        var piece = text!.Add(id);
        var from = Math.Max(0, _written.Length - stops.Max(s => s.Length));
        _written.Append(piece);
        var tail = _written.ToString(from, _written.Length - from);
        return stops.Any(stop => stop.Length > 0 && tail.Contains(stop, StringComparison.Ordinal));
    }
}
