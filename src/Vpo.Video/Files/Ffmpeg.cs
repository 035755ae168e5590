using System.Diagnostics;

namespace Vpo.Video.Files;

/// <summary>The programs ffmpeg and ffprobe of this machine, over pipes.</summary>
internal static class Ffmpeg
{
    private const string FolderVariable = "VPO_FFMPEG";

    /// <summary>Where a program is, or one clear message.</summary>
    /// <param name="program">"ffmpeg" or "ffprobe".</param>
    /// <exception cref="IOException">It is not on the PATH.</exception>
    public static string Find(string program)
    {
        var name = OperatingSystem.IsWindows() ? program + ".exe" : program;
        var folders = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } own ? own : Environment.GetEnvironmentVariable("PATH") ?? "";
        return folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new IOException($"the program '{program}' is needed for this video file and was not found. Install it ({InstallLine}), or name its folder in the variable {FolderVariable}.");
    }

    private static string InstallLine => OperatingSystem.IsWindows() ? "winget install ffmpeg" : OperatingSystem.IsMacOS() ? "brew install ffmpeg" : "apt-get install ffmpeg";

    /// <summary>Runs ffmpeg without input and gives all that it writes to its standard output.</summary>
    public static byte[] Read(IEnumerable<string> arguments, ReadOnlyMemory<byte> input = default) => Output("ffmpeg", ["-v", "error", "-nostdin", .. arguments], input);

    /// <summary>Runs ffprobe and gives its answer.</summary>
    public static byte[] Probe(IEnumerable<string> arguments) => Output("ffprobe", ["-v", "error", .. arguments], default);

    /// <summary>Runs ffmpeg with input that is written piece by piece; it writes to a file.</summary>
    /// <param name="arguments">Its arguments; the input is "pipe:0".</param>
    /// <param name="pieces">What to write to its standard input.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public static async Task WriteAsync(IEnumerable<string> arguments, IEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellationToken)
    {
        using var process = Start("ffmpeg", ["-v", "error", .. arguments]);
        using var kill = cancellationToken.Register(() => Kill(process));
        var (error, output) = (process.StandardError.ReadToEndAsync(CancellationToken.None), process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None));
        try
        {
            foreach (var piece in pieces)
                await process.StandardInput.BaseStream.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: its own message says why.
        }
        catch
        {
            Kill(process);
            throw;
        }
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        await output.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        Check("ffmpeg", process.ExitCode, await error.ConfigureAwait(false));
    }

    private static byte[] Output(string program, IEnumerable<string> arguments, ReadOnlyMemory<byte> input)
    {
        using var process = Start(program, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var feed = Task.Run(() => Feed(process, input));
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        feed.Wait();
        Check(program, process.ExitCode, error.Result);
        return output.ToArray();
    }

    private static void Feed(Process process, ReadOnlyMemory<byte> input)
    {
        try
        {
            process.StandardInput.BaseStream.Write(input.Span);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it had read all: its own message says why.
        }
    }

    private static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(Find(program), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static void Check(string program, int code, string error)
    {
        if (code != 0)
            throw new IOException($"{program} failed with code {code}: {ErrorTail.Of(error)}");
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has already ended.
        }
    }
}
