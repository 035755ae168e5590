using System.Net;

namespace Vpo.Compare;

/// <summary>Where a comparison is served and kept.</summary>
public sealed record CompareOptions
{
    /// <summary>Folder of the votes and of the server's key; one server at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>Which address to listen on; this machine alone unless said otherwise. Any other asks every visitor for a token.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Which port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether visitors must come with the token, also on this machine alone; always so on another address.</summary>
    public bool RequireToken { get; init; }

    /// <summary>What people are asked.</summary>
    public string Question { get; init; } = "Which clip shows better what was asked for?";

    internal bool NeedsToken => RequireToken || !IPAddress.IsLoopback(Address);
}
