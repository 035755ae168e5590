using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Vpo.Comparisons;

namespace Vpo.Compare;

/// <summary>Serves a page on which people compare clips side by side: blinded, in random order, by the keyboard, several people, resumable.</summary>
/// <remarks>A vote is on the disk before the page hears of it, so a server may be killed at any moment. Nothing is loaded from elsewhere.</remarks>
public sealed class CompareServer : IAsyncDisposable
{
    private const string KeyFile = "server.key", LockFile = "server.lock";
    private const int LargestRequest = 16 << 10;

    private readonly WebApplication _app;
    private readonly FileStream _lock;

    private CompareServer(WebApplication app, FileStream claim) => (_app, _lock) = (app, claim);

    /// <summary>The address to open, with the token where one is needed.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts serving.</summary>
    /// <param name="plan">What to compare.</param>
    /// <param name="options">Where.</param>
    /// <param name="time">The clock of votes; the system's if null.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">Another server keeps its votes in the folder, or the port is taken.</exception>
    /// <exception cref="InvalidDataException">The folder's votes can't be read.</exception>
    public static async Task<CompareServer> StartAsync(ComparisonPlan plan, CompareOptions options, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        Directory.CreateDirectory(options.Folder);
        var claim = Claim(options.Folder);
        try
        {
            var key = SecretKey.OpenOrCreate(Path.Combine(options.Folder, KeyFile));
            var ballot = new Ballot(plan, Path.Combine(options.Folder, VoteFile.Name), key);
            var app = Build(options, key);
            new CompareEndpoints(ballot, new(key), options.Question, time ?? TimeProvider.System).Map(app);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new(app, claim) { Address = AddressOf(app, options, key) };
        }
        catch
        {
            await claim.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops serving; votes that are being written are kept.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync().ConfigureAwait(false);
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication Build(CompareOptions options, SecretKey key)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
            kestrel.Listen(options.Address, options.Port);
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var access = new Access(options.NeedsToken ? key.Token : null);
        app.Use(next => context => access.InvokeAsync(context, next));
        app.UseRouting();
        return app;
    }

    private static Uri AddressOf(WebApplication app, CompareOptions options, SecretKey key)
    {
        var address = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(address.TrimEnd('/') + (options.NeedsToken ? "/?token=" + key.Token : "/"));
    }

    // Freed by the system when the process ends, however it ends.
    private static FileStream Claim(string folder)
    {
        var path = Path.Combine(folder, LockFile);
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"another server keeps its votes in '{folder}': stop it, or choose another folder ({e.Message})", e);
        }
    }
}
