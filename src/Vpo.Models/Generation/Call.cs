namespace Vpo.Models.Generation;

/// <summary>One caller's answers in the making.</summary>
internal sealed class Call(IReadOnlyList<Answer> answers, SamplingOptions options, Action<int, int>? onToken, CancellationToken cancelled)
{
    // Who waits for the call goes on elsewhere, never on the thread that computes.
    private readonly TaskCompletionSource<IReadOnlyList<GeneratedText>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<PromptGroup> _waiting = new();
    private int _unfinished = answers.Count;

    /// <summary>Cancelled when the model is about to go. Default: never.</summary>
    public CancellationToken Closing { get; init; }

    public SamplingOptions Options => options;

    public IReadOnlyList<Answer> Answers => answers;

    /// <summary>The answers, in the order of the requests.</summary>
    public Task<IReadOnlyList<GeneratedText>> Task => _done.Task;

    /// <summary>The answers of a call that has ended; throws what ended it otherwise.</summary>
    public IReadOnlyList<GeneratedText> Result => Task.IsCanceled ? throw new OperationCanceledException(cancelled) : Task.GetAwaiter().GetResult();

    /// <summary>Whether nothing more is to be done for it.</summary>
    public bool IsOver => Task.IsCompleted || cancelled.IsCancellationRequested || Closing.IsCancellationRequested;

    /// <summary>Answers of the next prompt that waits; 0 when none does.</summary>
    public int NextCount => _waiting.TryPeek(out var group) ? group.Answers.Count : 0;

    /// <summary>Puts all prompts in the queue, with at most so many answers each.</summary>
    public void Queue(int most)
    {
        foreach (var group in PromptGroup.Of(answers))
        {
            foreach (var part in group.Answers.Chunk(most))
                _waiting.Enqueue(group with { Answers = [.. part] });
        }
    }

    /// <summary>The next prompt.</summary>
    public PromptGroup Next() => _waiting.Dequeue();

    /// <summary>Adds an id to an answer and tells the caller. False when that ends the answer, or the call.</summary>
    public bool Add(Answer answer, int id)
    {
        try
        {
            if (answer.Add(id, options))
                onToken?.Invoke(answer.Index, id);
        }
        catch (Exception e)   // the caller's own function: its call ends, others go on
        {
            Fail(e);
            return false;
        }
        if (answer.IsFinished)
            _unfinished--;
        return !answer.IsFinished;
    }

    /// <summary>Ends it if it is finished, cancelled or its model is about to go. True when it has ended.</summary>
    public bool TryEnd()
    {
        if (Task.IsCompleted)
            return true;
        if (_unfinished == 0)
            _done.TrySetResult([.. answers.Select(a => a.Result)]);
        else if (cancelled.IsCancellationRequested)
            _done.TrySetCanceled(cancelled);
        else if (Closing.IsCancellationRequested)
            _done.TrySetException(new ObjectDisposedException(nameof(TextGenerator), "The model was disposed while the call was running."));
        return Task.IsCompleted;
    }

    /// <summary>Ends it with an exception.</summary>
    public void Fail(Exception cause) => _done.TrySetException(cause);
}
