package dev.tenon.generation.schedule;

import dev.tenon.generation.GenerationRequest;
import dev.tenon.generation.cache.DecoderSteps;
import dev.tenon.generation.cache.Step;
import dev.tenon.serving.Call;
import dev.tenon.serving.CancelledPredictionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * A decoder whose pages hold the tokens themselves: the next token follows from all tokens before it, as its pages have them. It checks
 * what steps promise.
 */
final class FakeDecoder implements DecoderSteps {
    static final int VOCABULARY = 320;
    static final int PAGE = 4;
    private static final int NOTHING = -7;

    private final int[][] pages;
    private final int sequences;
    private final int contextTokens;
    /** Is told of each step before it runs. */
    volatile Consumer<Step> before = step -> {};
    /** The token after which all logits are NaN. */
    volatile int poison = -1;

    final List<Integer> sizes = new ArrayList<>();
    private boolean running;
    private boolean closed;

    FakeDecoder(int pages, int sequences, int contextTokens) {
        this.pages = new int[pages][PAGE];
        this.sequences = sequences;
        this.contextTokens = contextTokens;
        for (int[] page : this.pages) {
            Arrays.fill(page, NOTHING);
        }
    }

    /** What the model writes after a prompt. */
    static int[] expected(int[] prompt, int count) {
        int[] all = Arrays.copyOf(prompt, prompt.length + count);
        for (int i = prompt.length; i < all.length; i++) {
            int hash = 1;
            for (int j = 0; j < i; j++) {
                hash = mixed(hash, all[j]);
            }
            all[i] = token(hash);
        }
        return Arrays.copyOfRange(all, prompt.length, all.length);
    }

    static Prompt prompt(int[] tokens, int maxTokens) {
        GenerationRequest request = GenerationRequest.tokens(tokens).maxTokens(maxTokens);
        return TestPrompts.of(request);
    }

    private static int mixed(int hash, int token) {
        int h = (hash ^ token) * 0x9E3779B1;
        return h ^ h >>> 15;
    }

    private static int token(int hash) {
        // Letters and the like: no special tokens, and no bytes that make no text.
        return 97 + Math.floorMod(hash, 20);
    }

    @Override
    public int vocabulary() {
        return VOCABULARY;
    }

    @Override
    public int contextTokens() {
        return contextTokens;
    }

    @Override
    public int maxSequences() {
        return sequences;
    }

    @Override
    public int pages() {
        return pages.length;
    }

    @Override
    public int pageTokens() {
        return PAGE;
    }

    @Override
    public void run(Step step, float[] logits, Call call) {
        enter();
        try {
            before.accept(step);
            if (call.isCancelled()) {
                throw new CancelledPredictionException("fake", "the call was cancelled", null, null);
            }
            if (step.pageTable().length > sequences) {
                throw new IllegalStateException("too many sequences");
            }
            for (int i = 0; i < step.tokens().length; i++) {
                int position = step.positions()[i];
                int page = step.pageTable()[step.sequences()[i]][position / PAGE];
                if (page == 0) {
                    throw new IllegalStateException("a sequence holds page 0");
                }
                pages[page][position % PAGE] = step.tokens()[i];
            }
            for (int r = 0; r < step.rows().length; r++) {
                int row = step.rows()[r];
                int hash = 1;
                for (int p = 0; p <= step.positions()[row]; p++) {
                    hash = mixed(hash, pages[step.pageTable()[step.sequences()[row]][p / PAGE]][p % PAGE]);
                }
                Arrays.fill(logits, r * VOCABULARY, (r + 1) * VOCABULARY, step.tokens()[row] == poison ? Float.NaN : 0);
                if (step.tokens()[row] != poison) {
                    logits[r * VOCABULARY + token(hash)] = 1;
                }
            }
        } finally {
            leave();
        }
    }

    private synchronized void enter() {
        if (running || closed) {
            throw new IllegalStateException("a step while another one runs, or after the end");
        }
        running = true;
    }

    private synchronized void leave() {
        running = false;
    }

    @Override
    public synchronized void copyPage(int from, int to, int tokens) {
        if (running || closed) {
            throw new IllegalStateException("a copy while a step runs");
        }
        System.arraycopy(pages[from], 0, pages[to], 0, tokens);
    }

    @Override
    public synchronized void close() {
        if (running || closed) {
            throw new IllegalStateException("closed while a step runs, or twice");
        }
        closed = true;
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
