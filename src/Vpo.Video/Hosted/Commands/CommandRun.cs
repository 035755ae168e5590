using System.Diagnostics;
using System.Text.RegularExpressions;
using Vpo.Video.Files;

namespace Vpo.Video.Hosted;

/// <summary>One run of a program, its error stream read for progress, its whole tree killed when the call is cancelled or the time is up.</summary>
internal static partial class CommandRun
{
    private static readonly TimeSpan PipePatience = TimeSpan.FromSeconds(5);
    private const int KeptCharacters = 8000, Whole = 100;

    /// <exception cref="VideoGenerationException">It can't be started, failed, or took too long; the message has the end of what it said.</exception>
    public static async Task RunAsync(ProcessStartInfo start, TimeSpan limit, TimeProvider time, IProgress<VideoProgress>? progress, CancellationToken cancellationToken)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        using var process = Start(start);
        process.StandardInput.Close();
        using var timer = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var (output, error) = (ReadAsync(process.StandardOutput, progress), ReadAsync(process.StandardError, progress));
        try
        {
            await process.WaitForExitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new VideoGenerationException($"'{start.FileName}' was stopped because it took longer than {limit}: {ErrorTail.Of(await EndOf(error).ConfigureAwait(false))}");
        }
        var said = await EndOf(error).ConfigureAwait(false) is { Length: > 0 } reason ? reason : await EndOf(output).ConfigureAwait(false);
        if (process.ExitCode != 0)
            throw new VideoGenerationException($"'{start.FileName}' failed with code {process.ExitCode}: {ErrorTail.Of(said)}") { Code = process.ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture) };
    }

    /// <summary>A child that goes on in the background may hold the pipe open: the text is not waited for long.</summary>
    private static async Task<string> EndOf(Task<string> text) => await Task.WhenAny(text, Task.Delay(PipePatience)).ConfigureAwait(false) == text ? await text.ConfigureAwait(false) : "";

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new VideoGenerationException($"'{start.FileName}' can't be started: {e.Message}. Is it installed and on the PATH?", e);
        }
    }

    /// <summary>Reads to the end and keeps the last part; progress bars write over their line with carriage returns.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, IProgress<VideoProgress>? progress)
    {
        var (kept, buffer) = ("", new char[1024]);
        while (await reader.ReadAsync(buffer).ConfigureAwait(false) is > 0 and var read)
        {
            kept += new string(buffer, 0, read);
            kept = kept.Length > KeptCharacters ? kept[^KeptCharacters..] : kept;
            if (progress is not null && Percent().Matches(kept) is [.., var last])
                progress.Report(new(int.Parse(last.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), Whole, "running"));
        }
        return kept;
    }

    [GeneratedRegex(@"(?<!\d)(100|\d{1,2})%\|")]
    private static partial Regex Percent();
}
