using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Vpo.Compare.Tests;

/// <summary><c>vpo compare</c> as a program of its own, to be killed.</summary>
internal sealed class ServerProcess : IDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif
    private static readonly string Program = Path.Combine(Repository.Root, "src", "Vpo.Cli", "bin", Configuration, "net10.0", "vpo.dll");

    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<ServerProcess> StartAsync(Colours colours, int port)
    {
        string[] arguments = [Program, "compare", colours.In(Colours.First), colours.In(Colours.Second), "--out", colours.In("votes"), "--port", port.ToString(CultureInfo.InvariantCulture)];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var address = await process.StandardOutput.ReadLineAsync();
        return address is not null ? new(process, new(address)) : throw new InvalidOperationException(await error);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
