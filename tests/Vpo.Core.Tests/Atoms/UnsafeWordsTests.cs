using Vpo.Atoms;

namespace Vpo.Core.Tests.Atoms;

public sealed class UnsafeWordsTests
{
    /// <summary>Forms of the same word have the same category and at least the same harm.</summary>
    [Theory]
    [InlineData("violence", "kill kills killed killing killer killers murder murders murdered murdering murderer murderers murderous homicide homicidal stabbed stabbing strangles strangled strangling strangler torture tortures tortured torturing torturers")]
    [InlineData("violence", "behead beheads beheaded beheading decapitated decapitation execution executions executioner massacre massacres massacred slaughter slaughtered lynched lynching assassinated assassination mutilates mutilated mutilating mutilation dismembered dismembering impaled impaling mauled brutalized kidnaps kidnapped kidnapping kidnapper hostages abuse abused abuser abusive genocidal choking choked")]
    [InlineData("gore", "bloody bloodied bleeds bled bleeding corpse corpses cadavers gory entrails intestines disemboweled disembowelled eviscerated decomposing decomposed carcasses guts bloodbath bloodstained")]
    [InlineData("sexual", "porn porno pornographic pornstars sex sexes penis penises vagina vaginas vaginal orgasms masturbate masturbates masturbated masturbating masturbation rape rapes raped raping rapist rapists molest molested molesting molester fuck fucks fucked fucking ejaculating ejaculates incestuous pedophile pedophiles cumming dildos fornicating copulating")]
    [InlineData("sexual", "naked nude nudes nudity topless boobs tits titties nipples breasts busty erotic erotically seductive seductively seduced seducing seduction slut sluts slutty whores hookers prostitute prostitutes prostitution stripper strippers twerks twerked twerking panties panty thongs genitals buttocks orgies undresses undressed undressing groping groped fondles fondling spanked sensuality voluptuous sexualized kinky lewd")]
    [InlineData("hate", "nazi nazis nazism racist racists racism homophobic homophobia transphobic misogynist misogynistic bigots bigotry sexist antisemitic antisemitism xenophobic supremacists swastikas faggots")]
    [InlineData("self-harm", "suicide suicides suicidal overdose overdoses overdosed overdosing anorexic bulimia")]
    [InlineData("illegal", "cocaine heroin meth methamphetamine marijuana cannabis terrorist terrorists terrorism robbery robberies robber robbers burglar burglars burglary burgled shoplifting shoplifters hijack hijacked hijacking hijackers arsonist counterfeiting counterfeiters bribes bribed bribing blackmailed blackmailing extorting jihadists muggers")]
    [InlineData("horror", "cannibal cannibals cannibalism cannibalistic satanic satanist satanists satanism exorcism exorcisms exorcist horrifying")]
    public void Find_FormsOfAWord_AreAllHarmful(string category, string words) =>
        Assert.All(words.Split(' '), word => Assert.Contains(UnsafeWords.Find($"a picture of a {word} here"), f => f.Category == category && f.Level >= 3));

    [Theory]
    [InlineData("he slit his throat")]
    [InlineData("she is slitting her wrists")]
    [InlineData("a man shooting himself")]
    [InlineData("he was beaten to death")]
    [InlineData("a couple having intercourse")]
    [InlineData("kids smoking weed")]
    [InlineData("a man snorting cocaine")]
    [InlineData("they chopped off his head")]
    [InlineData("a woman in a see-through dress")]
    [InlineData("a dead body on the floor")]
    [InlineData("the exorcist and a possessed girl")]
    [InlineData("drug dealers on a corner")]
    [InlineData("members of the KKK")]
    [InlineData("blood flowing from his eyes -neg blurry -motion 4")]
    public void Find_HarmfulPhrase_IsHarmful(string text) => Assert.InRange(UnsafeWords.Level(text), 3, 4);

    /// <summary>What only looks or sounds like harm.</summary>
    [Theory]
    [InlineData("shooting stars over a lake; a photo shoot; an angel shot film; sunflower shoots")]
    [InlineData("a killer whale jumps; killer bees; a murder of crows; Kill Bill poster; she is dressed to kill; weed killer")]
    [InlineData("a naked mole rat digs; visible to the naked eye; naked trees in winter; a naked flame")]
    [InlineData("a blood orange on a plate; a bloody mary with celery; blood moon; red blood cells; blood pressure; blood-red roses; Al Gore speaks; Corpse Bride")]
    [InlineData("gun metal grey car; a glue gun; a Top Gun jet; a pillow fight; star wars")]
    [InlineData("nude lipstick; nude heels; nude makeup; chicken breast; breaststroke; double-breasted suit; a robin with a red breast; breast cancer awareness")]
    [InlineData("a great tit and a blue tit; a titmouse; the Titanic; a title; pussy willow; pussycat; a cockatoo; a peacock; a cocktail; Moby Dick")]
    [InlineData("a grape harvest; drapes; a therapist; a rapeseed and a rape field; Sussex and Essex; same-sex couple; cum laude; cumulus clouds; a cucumber; documents")]
    [InlineData("analysis of a canal; a banal analog clock; class assembly; a bass; an assistant; buttons; buttercups; a shell; a skillet; skilled workers; skills")]
    [InlineData("a heroine; two heroines; new methods; a raccoon; a sniggering boy; spices; fire retardant; a poached egg; a pharmacy; a drug store")]
    [InlineData("a dancer executes a turn; a flawless execution; an executive; stable; stability; mauve; Darth Maul; a choker necklace; a humpback whale; a bull snorts")]
    [InlineData("no blood, without nudity, a street -neg nude, naked, gore, blood")]
    [InlineData("two dogs fighting over a stick; a boy kiking a ball; a bomber jacket; strangler fig; Bing Bong; weeds; brutalist house; lolipop")]
    public void Find_HarmlessUse_IsNotHarmful(string text) =>
        Assert.All(text.Split("; "), part => Assert.True(UnsafeWords.Level(part) < 3, $"{part}: {string.Join(", ", UnsafeWords.Find(part))}"));

    /// <summary>In everything that people asked for, the vocabulary may find harm; GPT-4o's prompts for VBench ask for none.</summary>
    [Fact, Trait("Category", "Weights")]
    public void Find_HarmlessPrompts_FlagsFewerThanOneInTwoHundred()
    {
        var prompts = File.ReadAllLines(Repository.Data("vbench/all_dimension_gpt.txt")).Where(l => l.Length > 0).ToList();
        Assert.InRange(prompts.Count(p => UnsafeWords.Level(p) >= 3), 0, prompts.Count / 200);
    }
}
