namespace Vpo;

/// <summary>The parts that a <see cref="VpoLoop"/> runs over: any mix of implementations of the five contracts. The loop disposes none of them.</summary>
public sealed record VpoParts
{
    /// <summary>Drafts the demonstrations: a large model with a few examples (paper section 3.1).</summary>
    public required IPromptOptimizer Teacher { get; init; }

    /// <summary>Judges and refines for training.</summary>
    public required IJudge Judge { get; init; }

    /// <summary>Judges for the table alone; training never sees it.</summary>
    public required IJudge EvaluationJudge { get; init; }

    /// <summary>The video model that prompts are made for.</summary>
    public required IVideoGenerator Generator { get; init; }

    /// <summary>Scores videos, in training and in evaluation.</summary>
    public required IVideoReward Reward { get; init; }

    /// <summary>Trains the optimizer.</summary>
    public required IPreferenceLearner Learner { get; init; }

    /// <summary>A second video model, which training never sees: how well do the prompts transfer? Null: not asked.</summary>
    public IVideoGenerator? TransferGenerator { get; init; }

    /// <summary>A teacher without errors, for the control row "sft-clean"; null: not run.</summary>
    public IPromptOptimizer? CleanTeacher { get; init; }

    /// <summary>Further methods for the table, by the names of their rows, which are also names of folders: see <see cref="Vpo.Baselines"/>. Measured with the queries, judge, seeds and noise of all others.</summary>
    public IReadOnlyList<(string Name, IPromptOptimizer Optimizer)> Baselines { get; init; } = [];

    /// <summary>The same for methods that start from the fine-tuned model; made once SFT has ended, and disposed when their row is measured. A run that goes on makes them again, so what they found is theirs to keep (<see cref="FineTunedStart.Folder"/>).</summary>
    public IReadOnlyList<(string Name, Func<FineTunedStart, CancellationToken, Task<IPromptOptimizer>> Make)> FineTunedBaselines { get; init; } = [];
}
