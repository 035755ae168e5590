using Vpo.Prompting;

namespace Vpo.Tests.Prompting;

public sealed class PromptCleaningTests
{
    [Theory]
    [InlineData("A dog runs.", "A dog runs.")]
    [InlineData("  \"A dog\n runs.\" ", "A dog runs.")]
    [InlineData("Prompt: A dog runs.", "A dog runs.")]
    [InlineData("**Optimized Prompt:** A dog runs.", "A dog runs.")]
    [InlineData("```text\nA dog runs.\n```", "A dog runs.")]
    [InlineData("\"Stop\" says the sign, \"go\"", "\"Stop\" says the sign, \"go\"")]
    [InlineData("A prompt: rare thing", "A prompt: rare thing")]
    public void Clean_WhatModelsWriteAroundAPrompt_IsTakenOff(string reply, string expected) => Assert.Equal(expected, PromptCleaning.Clean(reply));

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("I'm sorry, but I can't help with that.", "declined")]
    [InlineData("I cannot create such content.", "declined")]
    [InlineData("As an AI language model, I do not...", "declined")]
    public void Unusable_NoPrompt_SaysWhy(string prompt, string reason) => Assert.Contains(reason, PromptCleaning.Unusable(prompt), StringComparison.Ordinal);

    [Fact]
    public void Unusable_APrompt_IsNull() => Assert.Null(PromptCleaning.Unusable("I see a dog that can't swim, sorry face, under rain."));

    [Fact]
    public void Template_WithoutItsPlaceholder_IsRefused()
    {
        Assert.Throws<FormatException>(() => new OptimizationTemplate("no place"));
        Assert.Throws<FormatException>(() => new OptimizationTemplate("{query} {query}"));
        Assert.Equal("<{query}>", new OptimizationTemplate("<{query}>").Fill("{query}"));
    }
}
