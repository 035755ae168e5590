using Vpo.Models.Checkpoints;

namespace Vpo.Cli;

/// <summary>The end of a command that failed: one clear line on the error stream and an exit code that is not zero.</summary>
internal static class OneLine
{
    /// <summary>As shells report a program ended by Ctrl-C.</summary>
    public const int Cancelled = 130;

    public static async Task<int> OrOneLine(this Task<int> command)
    {
        try
        {
            return await command;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("vpo: stopped. What was done is kept; run the same command again to go on.");
            return Cancelled;
        }
        catch (Exception e) when (IsExpected(e))
        {
            Console.Error.WriteLine("vpo: " + TextOf(e).ReplaceLineEndings(" "));
            return 1;
        }
    }

    /// <summary>Without the name of a method's parameter, which says nothing to users.</summary>
    private static string TextOf(Exception e) => e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message;

    /// <summary>What users can mend: files, folders, options, native libraries, training stopped by a guard. Anything else is a bug and shows its trace.</summary>
    private static bool IsExpected(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException
        or CheckpointException or LearningException or Training.TrainingStoppedException or Training.RunMismatchException or VideoRewardException or VideoGenerationException
        or DllNotFoundException or TypeInitializationException
        or InvalidDataException or System.Text.Json.JsonException
        or HttpRequestException or System.ClientModel.ClientResultException or InvalidOperationException { InnerException: IOException or HttpRequestException or System.ClientModel.ClientResultException };
}
