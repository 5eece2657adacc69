package dev.tenon.generation.schedule;

import dev.tenon.generation.GeneratedToken;
import dev.tenon.generation.Generation;
import dev.tenon.generation.Part;
import dev.tenon.generation.cache.Lease;
import dev.tenon.generation.sample.Choice;
import dev.tenon.generation.sample.Sampler;
import dev.tenon.serving.Call;
import dev.tenon.serving.threads.CallFuture;
import dev.tenon.serving.threads.Timed;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A text that is being written: its tokens, its pages, and the parts that its reader has not taken yet. It waits, or it is active and
 * holds pages, or it has ended. Guarded by the lock of {@link StepLoop}, but for what {@link #choose} says.
 */
final class Sequence extends Timed implements Runnable, StepPlanner.Planned {
    /** The parts that may wait for a reader; with more, a sequence pauses. */
    static final int MOST_PARTS = 32;

    /** The token that a step has chosen, the text that it adds, and the reason if the sequence ends with it. */
    private record Chosen(Choice choice, String text, Generation.Reason end) {}

    final Prompt prompt;
    final Call call;
    final long seed;
    /** When the call was made. */
    final long start;
    /** The thread that waits for it; null if a future does. */
    final Thread waiter;

    Lane lane;
    /** Sequences are numbered as they come. */
    private long number;

    private final Consumer<Sequence> expire;
    private final Consumer<Sequence> cancel;
    private final Sampler sampler;
    private final boolean hasReader;
    private final ArrayDeque<Part> parts = new ArrayDeque<>();
    private final List<GeneratedToken> generated = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    /** How many of the generated tokens were in a part. */
    private int told;

    private int[] tokens;
    private int count;
    /** The tokens whose keys and values stand in its pages. */
    int computed;
    /** Its pages; null while it waits. */
    Lease lease;
    /** Its thread waits for a part or the end, and may lead. */
    boolean waits;
    /** It is in a step that runs. */
    boolean inStep;
    /** Whether it was in a step. */
    boolean begun;

    private long begunAt;
    private long firstAt;
    private int cached = -1;
    /** Null until it has ended. */
    private Ending ending;

    private Generation result;
    private Chosen chosen;
    private Throwable failure;
    /** Null if a thread waits. */
    CallFuture<Generation> future;

    /**
     * The caller who waits for a sequence, and the two actions that end it early.
     *
     * @param waiter the thread that waits; null if a future does
     * @param hasReader whether the thread takes parts
     * @param expire is told that its deadline has passed
     * @param cancel is told that its caller does not want it any more
     */
    record Owner(Thread waiter, boolean hasReader, Consumer<Sequence> expire, Consumer<Sequence> cancel) {}

    Sequence(Prompt prompt, Call call, long start, long seed, int vocabulary, Owner owner) {
        super(call.hasDeadline() ? start + call.nanos() : Long.MAX_VALUE);
        this.prompt = prompt;
        this.call = call;
        this.start = start;
        this.seed = seed;
        this.waiter = owner.waiter;
        this.hasReader = owner.hasReader;
        this.expire = owner.expire;
        this.cancel = owner.cancel;
        this.sampler = new Sampler(prompt.request().sampling(), seed, vocabulary);
        this.tokens = prompt.tokens().clone();
        this.count = tokens.length;
    }

    @Override
    public void due() {
        expire.accept(this);
    }

    @Override
    public void run() {
        cancel.accept(this);
    }

    /** It waits in a lane from now on. */
    void enter(Lane of, long asNumber) {
        lane = of;
        number = asNumber;
    }

    int[] tokens() {
        return tokens;
    }

    int count() {
        return count;
    }

    @Override
    public int missing() {
        return count - computed;
    }

    @Override
    public boolean isPaused() {
        return parts.size() >= MOST_PARTS;
    }

    @Override
    public int pages() {
        return lease == null ? 0 : lease.pages().length;
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public long number() {
        return number;
    }

    boolean hasEnded() {
        return ending != null;
    }

    Ending ending() {
        return ending;
    }

    /** Whether its thread is of no use to others: it has something to do for itself. */
    boolean needsOwner() {
        return hasEnded() || !parts.isEmpty();
    }

    /** It holds pages from now on. */
    void activate(Lease pages) {
        lease = pages;
        computed = pages.cachedTokens();
        if (cached < 0) {
            cached = computed;
        }
    }

    /** It gives its pages up. */
    void deactivate(boolean keep) {
        lease.close(keep);
        lease = null;
        computed = 0;
    }

    /** It is in a step that begins. */
    void begin(long now) {
        inStep = true;
        if (!begun) {
            begun = true;
            begunAt = now;
        }
    }

    /**
     * Chooses the next token; only the thread that leads does, without the lock. Nothing changes that others see, until
     * {@link #advance}.
     *
     * @param logits holds the logits
     * @param from the index of the first of them
     */
    void choose(float[] logits, int from) {
        try {
            Choice choice = sampler.choose(logits, from, tokens, prompt.tokens().length, count, count);
            boolean ends = prompt.ends().contains(choice.token());
            String shown = prompt.tail().append(choice.token());
            Generation.Reason end = ends || prompt.tail().stopped() ? Generation.Reason.STOP : null;
            if (end == null && generated.size() + 1 >= prompt.request().maxTokens()) {
                end = Generation.Reason.LENGTH;
                shown += prompt.tail().finish();
            }
            chosen = new Chosen(choice, shown, end);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    /**
     * Takes what a step has made.
     *
     * @param ran how many tokens were run
     * @param now the time
     * @return how it ends by it; null if it goes on
     */
    Ending advance(int ran, long now) {
        lease.written(tokens, computed + ran);
        computed += ran;
        if (failure != null) {
            return Ending.failed(failure);
        }
        if (chosen == null) {
            return null;
        }
        Chosen next = chosen;
        chosen = null;
        if (firstAt == 0) {
            firstAt = now == 0 ? 1 : now;
        }
        int id = next.choice.token();
        if (!prompt.ends().contains(id)) {
            generated.add(new GeneratedToken(id, next.choice.logProbability(), next.choice.top()));
            if (count == tokens.length) {
                tokens = Arrays.copyOf(tokens, Math.max(count + 16, count + count / 2));
            }
            tokens[count++] = id;
        }
        text.append(next.text);
        if (hasReader && (!next.text.isEmpty() || next.end != null)) {
            parts.add(new Part(next.text, generated.subList(told, generated.size())));
            told = generated.size();
        }
        return next.end == null ? null : Ending.done(next.end);
    }

    /** The next part, or null. After an end without success there is none. */
    Part poll() {
        boolean dropped = ending != null && (ending.reason() == null || ending.reason() == Generation.Reason.CANCELLED);
        return dropped ? null : parts.poll();
    }

    /** It has ended. */
    void end(Ending how, long now) {
        try {
            result = how.reason() == null ? null : made(how.reason(), now);
            ending = how;
        } catch (RuntimeException | Error e) {
            ending = Ending.failed(e);
        }
    }

    private Generation made(Generation.Reason reason, long now) {
        long first = firstAt == 0 ? now : firstAt;
        Optional<String> stop = reason == Generation.Reason.STOP
                ? Optional.ofNullable(prompt.tail().stopText())
                : Optional.empty();
        Generation.Usage usage = new Generation.Usage(
                prompt.tokens().length,
                cachedTokens(),
                generated.size(),
                Duration.ofNanos(first - start),
                Duration.ofNanos(now - start));
        return new Generation(text.toString(), generated, reason, stop, usage, seed);
    }

    /** Hands its outcome over to its future. */
    void hand() {
        future.end(ending.failure() == null ? result() : null, ending.failure());
    }

    /** Returns the generation that it ended with, or throws its failure. */
    Generation result() {
        return ending.get(result);
    }

    /** How long it waited before its first step. */
    long waitNanos(long now) {
        return (begun ? begunAt : now) - start;
    }

    /** How long it was computed, with the pauses between steps. */
    long runNanos(long now) {
        return begun ? now - begunAt : 0;
    }

    /** Tokens of the prompt that were in the cache. */
    int cachedTokens() {
        return Math.max(cached, 0);
    }

    int generatedTokens() {
        return generated.size();
    }
}
