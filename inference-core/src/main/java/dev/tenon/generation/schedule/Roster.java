package dev.tenon.generation.schedule;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.generation.GeneratorOptions;
import dev.tenon.generation.cache.DecoderSteps;
import dev.tenon.generation.cache.Lease;
import dev.tenon.generation.cache.PageCache;
import dev.tenon.generation.schedule.StepPlanner.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The sequences that wait and those that hold pages: who gets pages, and who gives them up. It runs nothing. Guarded by the lock of
 * {@link StepLoop}.
 */
final class Roster {
    /** Never a lane of that name: a scope of a lane has a prefix. */
    private static final String ALL_LANES = "";

    private static final String LANE = "lane ";

    private final String name;
    private final GeneratorOptions options;
    private final int vocabulary;
    private final int slots;
    private final int contextTokens;
    private final int allPages;
    private final PageCache cache;
    private final Lanes lanes = new Lanes();
    private final List<Sequence> active = new ArrayList<>();
    private long numbers;
    private long preemptions;

    Roster(String name, DecoderSteps steps, GeneratorOptions options) {
        this.name = name;
        this.options = options;
        this.vocabulary = steps.vocabulary();
        this.slots = Math.min(steps.maxSequences(), options.maxSequences());
        this.contextTokens = steps.contextTokens();
        this.allPages = steps.pages() - 1;
        this.cache = new PageCache(steps.pages(), steps.pageTokens(), steps::copyPage);
    }

    PageCache.Counters pages() {
        return cache.counters();
    }

    int allPages() {
        return allPages;
    }

    int pageTokens() {
        return cache.pageTokens();
    }

    int contextTokens() {
        return contextTokens;
    }

    int waiting() {
        return lanes.waiting();
    }

    int active() {
        return active.size();
    }

    long preemptions() {
        return preemptions;
    }

    /** All sequences that have not ended. */
    List<Sequence> all() {
        List<Sequence> all = lanes.all();
        all.addAll(active);
        return all;
    }

    /**
     * Checks a prompt before it waits.
     *
     * @throws InvalidInputException if it has no token, or one that the model does not have, or does not fit the context
     * @throws ResourceLimitException if it does not fit all pages
     */
    void check(Prompt prompt) {
        int count = prompt.tokens().length;
        if (count == 0) {
            throw new InvalidInputException(
                    "the prompt", "no tokens", "1 or more", "begin with a text, or with the token that begins texts");
        }
        for (int i = 0; i < count; i++) {
            int id = prompt.tokens()[i];
            if (id < 0 || id >= vocabulary) {
                throw new InvalidInputException(
                        "token " + i + " of the prompt",
                        String.valueOf(id),
                        "0 to " + (vocabulary - 1) + ", the tokens of '" + name + "'",
                        null);
            }
        }
        int most = prompt.request().maxTokens();
        if ((long) count + most > contextTokens) {
            throw new InvalidInputException(
                    "the prompt and GenerationRequest.maxTokens",
                    count + " tokens and " + most + " more",
                    contextTokens + " tokens together, the context of '" + name + "'",
                    "shorten the prompt, lower maxTokens, or raise GeneratorOptions.contextTokens");
        }
        // The last token is not run.
        int needed = count + most - 1;
        if (Math.ceilDiv(needed, cache.pageTokens()) > allPages) {
            throw tooLarge(needed);
        }
    }

    /** Lets a sequence wait. */
    void add(Sequence s) {
        s.enter(lanes.of(s.call.lane()), numbers++);
        lanes.add(s, false);
    }

    /** Finds the sequence that loses its place to one more of a lane when too many wait; null if none does. */
    Sequence crowdedOutBy(String lane) {
        Lane own = lanes.of(lane);
        Sequence out = lanes.crowdedOutBy(own);
        lanes.forgetIfEmpty(own);
        return out;
    }

    /** Takes a sequence that has ended away. */
    void remove(Sequence s, boolean keep) {
        if (s.lease == null) {
            lanes.remove(s);
        } else {
            leave(s, keep);
        }
        lanes.forgetIfEmpty(s.lane);
    }

    private void leave(Sequence s, boolean keep) {
        s.deactivate(keep);
        active.remove(s);
        s.lane.active--;
    }

    private void preempt(Sequence s) {
        leave(s, true);
        lanes.add(s, true);
        preemptions++;
    }

    /** Whether a sequence could run, if it had pages. */
    boolean hasReady() {
        return lanes.next() != null || active.stream().anyMatch(s -> !s.hasEnded() && !s.isPaused());
    }

    /** A sequence that could run, whose thread waits and may lead; or one that no thread waits for; or null. */
    Sequence leader(boolean withThread) {
        for (Sequence s : active) {
            boolean open = !s.hasEnded() && !s.isPaused();
            if (open && (withThread ? s.waits && !s.needsOwner() : s.waiter == null)) {
                return s;
            }
        }
        return lanes.leader(withThread);
    }

    /**
     * Gives pages to those that can have some, and decides what runs next.
     *
     * @param fail takes sequences that can't go on, and removes them
     * @return what runs; nothing if there is nothing to run
     */
    List<Share<Sequence>> prepare(BiConsumer<Sequence, RuntimeException> fail) {
        while (true) {
            admit(fail);
            List<Share<Sequence>> shares = new ArrayList<>();
            for (Share<Sequence> share : StepPlanner.shares(active, options.promptTokensPerStep())) {
                Sequence s = share.of();
                // One before it may have taken its pages.
                if (s.lease != null && hasRoom(s, s.computed + share.tokens(), fail)) {
                    shares.add(share);
                }
            }
            shares.removeIf(share -> share.of().lease == null);
            if (!shares.isEmpty() || !hasReady()) {
                return shares;
            }
        }
    }

    private boolean hasRoom(Sequence s, int upTo, BiConsumer<Sequence, RuntimeException> fail) {
        while (!s.lease.reserve(upTo)) {
            if (active.size() == 1) {
                fail.accept(s, tooLarge(upTo));
                return false;
            }
            Sequence victim = StepPlanner.victim(active);
            preempt(victim);
            if (victim.equals(s)) {
                return false;
            }
        }
        return true;
    }

    /** Gives pages to sequences that wait. */
    private void admit(BiConsumer<Sequence, RuntimeException> fail) {
        Sequence next = lanes.next();
        while (next != null && makeRoom(next) && activate(next, fail)) {
            next = lanes.next();
        }
    }

    /** Whether there is a place and pages for a sequence, after others gave way to it. */
    private boolean makeRoom(Sequence s) {
        while (active.size() >= slots || !active.isEmpty() && !hasPagesFor(s, 0)) {
            Sequence victim = StepPlanner.givingWay(active, s.lane);
            if (victim == null || !victim.isPaused() && !hasPagesFor(s, victim.pages())) {
                return false;
            }
            preempt(victim);
        }
        return true;
    }

    /** Whether there are pages for all tokens of a sequence. One that ran before must not give its pages up at once again. */
    private boolean hasPagesFor(Sequence s, int more) {
        PageCache.Counters counters = cache.counters();
        int tokens = s.count() + (s.begun ? cache.pageTokens() : 0);
        int wanted = Math.min(Math.ceilDiv(tokens, cache.pageTokens()), allPages);
        return wanted <= counters.free() + counters.cached() + more;
    }

    /** Gives pages to a sequence. Returns false if it waits on. */
    private boolean activate(Sequence s, BiConsumer<Sequence, RuntimeException> fail) {
        String scope = options.hasSharedPrefixes() ? ALL_LANES : LANE + s.lane.name;
        Lease lease;
        try {
            lease = cache.open(scope, s.tokens(), s.count());
        } catch (RuntimeException e) {
            fail.accept(s, e);
            return true;
        }
        if (!lease.reserve(s.count())) {
            lease.close(true);
            if (active.isEmpty()) {
                fail.accept(s, tooLarge(s.count()));
            }
            return active.isEmpty();
        }
        lanes.remove(s);
        s.activate(lease);
        active.add(s);
        s.lane.active++;
        return true;
    }

    /** The failure of a sequence that has all pages, and needs more. */
    private ResourceLimitException tooLarge(int tokens) {
        return new ResourceLimitException(
                "the keys and values of a sequence of '" + name + "'",
                tokens + " tokens in " + Math.ceilDiv(tokens, cache.pageTokens()) + " pages",
                allPages + " pages of " + cache.pageTokens() + " tokens",
                "raise GeneratorOptions.cacheBytes, or lower the prompt or GenerationRequest.maxTokens");
    }
}
