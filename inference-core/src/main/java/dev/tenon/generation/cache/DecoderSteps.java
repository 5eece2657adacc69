package dev.tenon.generation.cache;

import dev.tenon.serving.Call;

/**
 * Runs tokens of several sequences through a decoder whose keys and values stand in pages.
 *
 * <p>A page holds the keys and values of {@link #pageTokens} consecutive tokens for all layers. Page 0 is scratch: padded rows
 * write to it, and no sequence may hold it. The caller says which pages a sequence holds; this object knows no sequences. For
 * one thread at a time.
 */
public interface DecoderSteps extends AutoCloseable {
    /** {@return the number of tokens that the decoder knows, which is the length of a row of logits} */
    int vocabulary();

    /** {@return the most tokens of a sequence} */
    int contextTokens();

    /** {@return the most sequences in a step} */
    int maxSequences();

    /** {@return the number of pages, page 0 among them} */
    int pages();

    /** {@return the number of tokens in a page} */
    int pageTokens();

    /**
     * Runs a step: appends the keys and values of its tokens to their pages, and computes the logits of the rows that are asked
     * for. A row has the same bits whatever else is in the step, and however its sequence was cut into steps.
     *
     * @param step the tokens
     * @param logits room for the results: the row {@code step.rows()[i]} begins at {@code i * vocabulary()}
     * @param call the deadline and the cancellation; the pages of the step's tokens are undefined after a failure
     */
    void run(Step step, float[] logits, Call call);

    /**
     * Copies the keys and values of the first tokens of a page, in all layers.
     *
     * @param from the page to read
     * @param to the page to write
     * @param tokens how many, 1 to {@link #pageTokens}
     */
    void copyPage(int from, int to, int tokens);

    /** Gives the memory of the pages back. */
    @Override
    void close();
}
