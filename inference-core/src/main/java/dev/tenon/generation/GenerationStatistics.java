package dev.tenon.generation;

/**
 * The work of a generator since it was made, and its present state.
 *
 * @param calls how calls ended, and how many there are now
 * @param tokens the tokens of calls that ended
 * @param pages the memory of keys and values
 * @param steps runs of the model
 * @param preemptions how often a sequence gave its pages up for others, and was computed again later
 * @param listenerFailures exceptions that listeners threw
 */
public record GenerationStatistics(
        Calls calls, Tokens tokens, Pages pages, long steps, long preemptions, long listenerFailures) {
    /**
     * Numbers of calls.
     *
     * @param done calls that got their text
     * @param rejected calls that were refused
     * @param expired calls whose deadline passed
     * @param cancelled calls that were cancelled or interrupted
     * @param failed calls that could not be computed
     * @param waiting calls that wait now, those that gave their pages up among them
     * @param running calls that hold pages now
     */
    public record Calls(
            long done, long rejected, long expired, long cancelled, long failed, int waiting, int running) {}

    /**
     * Numbers of tokens.
     *
     * @param prompt tokens of prompts, those from the cache among them
     * @param cached tokens of prompts that were in the cache
     * @param generated tokens that were generated
     */
    public record Tokens(long prompt, long cached, long generated) {}

    /**
     * Numbers of pages, which hold {@link #tokens} tokens each.
     *
     * @param tokens the tokens of a page
     * @param all the pages for sequences
     * @param referenced pages that calls hold now
     * @param cached pages that no call holds, with tokens that later calls may begin with
     */
    public record Pages(int tokens, int all, int referenced, int cached) {}
}
