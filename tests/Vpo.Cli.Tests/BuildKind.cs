namespace Vpo.Cli.Tests;

/// <summary>How these tests were built; the programs that they start were built the same way.</summary>
internal static class BuildKind
{
#if DEBUG
    public const string Configuration = "Debug";
#else
    public const string Configuration = "Release";
#endif
}
