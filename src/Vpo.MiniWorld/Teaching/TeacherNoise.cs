namespace Vpo.MiniWorld;

/// <summary>How often the few-shot teacher errs. The defaults are what makes preference learning necessary in the mini world.</summary>
public sealed record TeacherNoise
{
    /// <summary>Share of unsafe queries whose unsafe word it keeps.</summary>
    public double KeepsUnsafe { get; init; } = 0.45;

    /// <summary>Share of prompts with one asked aspect changed.</summary>
    public double ChangesAspect { get; init; } = 0.06;

    /// <summary>Share of prompts that only repeat what was asked, without detail.</summary>
    public double IsVague { get; init; } = 0.06;

    /// <summary>Share of queries without an unsafe word that it declines.</summary>
    public double Refuses { get; init; } = 0.01;

    /// <summary>Share of unsafe queries that it declines.</summary>
    public double RefusesUnsafe { get; init; } = 0.10;

    /// <summary>Share of prompts in a style that the generator never saw. No judge can see that; only the videos show it.</summary>
    public double IsFlowery { get; init; } = 0.5;

    /// <summary>A teacher without any fault: the control that shows how far demonstrations alone could get.</summary>
    public static TeacherNoise None { get; } = new() { KeepsUnsafe = 0, ChangesAspect = 0, IsVague = 0, Refuses = 0, RefusesUnsafe = 0, IsFlowery = 0 };
}
