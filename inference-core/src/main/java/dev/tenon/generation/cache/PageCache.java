package dev.tenon.generation.cache;

import dev.tenon.error.InvalidOptionException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Says which sequence holds which page of a {@link DecoderSteps}, and keeps pages of earlier sequences, so that a sequence that
 * begins with the same tokens does not compute them again.
 *
 * <p>Page 0 is scratch and given to nobody. Every other page is in one of four states:
 * <ul>
 *   <li>free;
 *   <li>held by one {@link Lease}, which writes it;
 *   <li>full, with known tokens, and held by one lease or more, none of which writes it;
 *   <li>cached: its tokens are known, nobody holds it. It is given up when pages run out, the least recently used one first.
 * </ul>
 * Full pages are found by a hash of all tokens from the start of the sequence, in their scope, and are then compared token by token.
 * So a collision costs time and mixes nothing. Pages that follow another page never outlive it. A page that is equal in part only is copied.
 *
 * <p>For one thread at a time.
 */
public final class PageCache {
    private final int pages;
    private final int pageTokens;
    private final PageCopy copy;
    private final PageHash hash;
    private final int[] free;
    private int frees;
    private final Map<String, CachedPage> roots = new HashMap<>();
    private final CachedPage[] buckets;

    /** The ends of the list of pages that nobody holds. */
    private CachedPage oldest;

    private CachedPage newest;
    private int unheld;
    private long hits;
    private long reusedTokens;
    private long evictions;

    /**
     * Counts pages by their use, at one moment. All pages but page 0 are free, cached or referenced.
     *
     * @param free pages without contents
     * @param cached pages with known tokens that no lease holds
     * @param referenced pages that leases hold, each counted once
     * @param hits the leases that found at least one token so far
     * @param reusedTokens the tokens that leases found so far
     * @param evictions the pages whose tokens were forgotten so far because pages had run out
     */
    public record Counters(int free, int cached, int referenced, long hits, long reusedTokens, long evictions) {}

    /**
     * Makes a cache whose pages are all free.
     *
     * @param pages the number of pages, page 0 among them, at least 2
     * @param pageTokens the tokens of a page, at least 1
     * @param copy copies a page
     * @throws InvalidOptionException if a number is too small
     */
    public PageCache(int pages, int pageTokens, PageCopy copy) {
        this(pages, pageTokens, copy, PageHash::chained);
    }

    PageCache(int pages, int pageTokens, PageCopy copy, PageHash hash) {
        if (pages < 2 || pageTokens < 1) {
            throw new InvalidOptionException(
                    "PageCache", pages + " pages of " + pageTokens + " tokens", "at least 2 pages of 1 token", null);
        }
        this.pages = pages;
        this.pageTokens = pageTokens;
        this.copy = Objects.requireNonNull(copy, "copy");
        this.hash = hash;
        this.free = new int[pages - 1];
        for (int page = pages - 1; page > 0; page--) {
            free[frees++] = page;
        }
        this.buckets = new CachedPage[Integer.highestOneBit(pages) << 1];
    }

    /** {@return the tokens of a page} */
    public int pageTokens() {
        return pageTokens;
    }

    /** {@return what the pages are used for now} */
    public Counters counters() {
        return new Counters(frees, unheld, pages - 1 - frees - unheld, hits, reusedTokens, evictions);
    }

    /** How many scopes have pages or leases, for tests. */
    int scopes() {
        return roots.size();
    }

    /**
     * Begins a sequence. It holds the pages of the longest beginning of its tokens that is cached in its scope. At least its last token is
     * left to be run, since its logits are wanted. If the beginning ends within a page, what is equal of that page is copied, if there is
     * a page to copy it to.
     *
     * @param scope who may share pages: sequences of other scopes neither see nor give any
     * @param tokens holds the tokens
     * @param count how many there are, at least 1
     * @return the pages of the sequence
     * @throws RuntimeException what the copy threw; nothing is held then
     */
    public Lease open(String scope, int[] tokens, int count) {
        Objects.requireNonNull(scope, "scope");
        Objects.checkIndex(count - 1, tokens.length);
        CachedPage node = roots.computeIfAbsent(scope, s -> new CachedPage(s, s.hashCode()));
        node.references++;
        int at = 0;
        CachedPage next = find(node, tokens, at, count - 1);
        while (next != null) {
            hold(next);
            node = next;
            at += pageTokens;
            next = find(node, tokens, at, count - 1);
        }
        int page = 0;
        int part = 0;
        try {
            CachedPage source = mostAlike(node, tokens, at, count - 1);
            if (source != null) {
                part = source.matching(tokens, at, count - 1);
                page = copied(source, part);
            }
        } catch (RuntimeException | Error e) {
            letGo(node);
            throw e;
        }
        Lease lease = new Lease(this, node, at / pageTokens, page > 0 ? part : 0);
        if (page > 0) {
            lease.begin(page, tokens);
        }
        if (lease.cachedTokens() > 0) {
            hits++;
            reusedTokens += lease.cachedTokens();
        }
        return lease;
    }

    /** The child whose first tokens agree most with some tokens, of which one at least must agree; the newest of several. */
    private static CachedPage mostAlike(CachedPage node, int[] tokens, int from, int to) {
        CachedPage best = null;
        int most = 0;
        for (CachedPage child = node.child; child != null; child = child.after) {
            int alike = child.matching(tokens, from, to);
            if (alike > most) {
                most = alike;
                best = child;
            }
        }
        return best;
    }

    /** A new page with the first tokens of a cached one, or 0 if there is no page for it. */
    private int copied(CachedPage source, int tokens) {
        use(source);
        if (frees == 0 && unheld == 1 && oldest == source) {
            // The only page that could be given up is the source itself: its keys and values stay where they are.
            return evict();
        }
        if (frees + unheld == 0) {
            return 0;
        }
        int page = take();
        try {
            copy.copy(source.page, page, tokens);
        } catch (RuntimeException | Error e) {
            free(page);
            throw e;
        }
        return page;
    }

    /** Whether so many pages can be taken. */
    boolean has(int wanted) {
        return wanted <= frees + unheld;
    }

    /** Takes a page that is free, or gives up a cached one. There must be one. */
    int take() {
        return frees > 0 ? free[--frees] : evict();
    }

    void free(int page) {
        free[frees++] = page;
    }

    /** The page that was used least recently. No page follows it: whoever holds or uses a page uses those before it later. */
    private int evict() {
        CachedPage old = oldest;
        forget(old);
        evictions++;
        return old.page;
    }

    /** Takes a page that nobody holds out of the cache. */
    private void forget(CachedPage old) {
        leave(old);
        old.unlink();
        if (old.tokens.length == pageTokens) {
            int bucket = bucket(old.hash);
            if (buckets[bucket] == old) {
                buckets[bucket] = old.sameBucket;
            } else {
                CachedPage other = buckets[bucket];
                while (other.sameBucket != old) {
                    other = other.sameBucket;
                }
                other.sameBucket = old.sameBucket;
            }
        }
        dropRoot(old.parent);
    }

    private void dropRoot(CachedPage node) {
        if (node.parent == null && node.references == 0 && node.child == null) {
            roots.remove(node.scope);
        }
    }

    private int bucket(long value) {
        return (int) (value ^ value >>> 32) & buckets.length - 1;
    }

    /** The full page with the next tokens after a page, or null. */
    private CachedPage find(CachedPage node, int[] tokens, int from, int to) {
        if (to - from < pageTokens) {
            return null;
        }
        long wanted = hash.of(node.hash, tokens, from, from + pageTokens);
        CachedPage page = buckets[bucket(wanted)];
        while (page != null
                && (page.hash != wanted
                        || page.parent != node
                        || page.matching(tokens, from, from + pageTokens) < pageTokens)) {
            page = page.sameBucket;
        }
        return page;
    }

    private void hold(CachedPage page) {
        if (page.references++ == 0 && page.parent != null) {
            leave(page);
        }
    }

    /** Lets a page and all before it go, the last one first, so that it is the first to be given up. */
    private void letGo(CachedPage last) {
        for (CachedPage page = last; page != null; page = page.parent) {
            page.references--;
            if (page.parent == null) {
                dropRoot(page);
            } else if (page.references == 0) {
                append(page);
            }
        }
    }

    /**
     * Makes a page that a lease has filled known to others. If there is an equal one, the lease holds that one instead, and its own
     * is free.
     *
     * @return the page that the lease holds now
     */
    CachedPage share(Lease lease, CachedPage node, int page, int[] tokens) {
        CachedPage same = find(node, tokens, 0, pageTokens);
        if (same != null) {
            hold(same);
            free(page);
            return same;
        }
        CachedPage full = new CachedPage(node, page, tokens, hash.of(node.hash, tokens, 0, pageTokens));
        full.link();
        int bucket = bucket(full.hash);
        full.sameBucket = buckets[bucket];
        buckets[bucket] = full;
        full.references = 1;
        full.writer = lease;
        return full;
    }

    /** Keeps a page that was not filled, unless another one begins with the same tokens. */
    private void keepPart(CachedPage node, int page, int[] tokens) {
        for (CachedPage child = node.child; child != null; child = child.after) {
            if (child.matching(tokens, 0, tokens.length) == tokens.length) {
                use(child);
                free(page);
                return;
            }
        }
        CachedPage part = new CachedPage(node, page, tokens, 0);
        forgetBeginnings(part);
        part.link();
        append(part);
    }

    /** Frees the pages that hold less of the same. */
    private void forgetBeginnings(CachedPage page) {
        CachedPage child = page.parent.child;
        while (child != null) {
            CachedPage following = child.after;
            if (child.tokens.length < page.tokens.length
                    && child.matching(page.tokens, 0, page.tokens.length) == child.tokens.length) {
                forget(child);
                free(child.page);
            }
            child = following;
        }
    }

    /**
     * Ends a lease.
     *
     * @param last the last full page
     * @param own the pages after it
     * @param tokens the known tokens of the first of these
     */
    void close(Lease lease, CachedPage last, int[] own, int[] tokens, boolean keep) {
        for (int i = own.length - 1; i >= 0; i--) {
            if (i == 0 && keep && tokens.length > 0) {
                keepPart(last, own[i], tokens);
            } else {
                free(own[i]);
            }
        }
        for (CachedPage page = last; keep && page.writer == lease; page = page.parent) {
            forgetBeginnings(page);
        }
        letGo(last);
        for (CachedPage page = last; page != null; ) {
            CachedPage parent = page.parent;
            if (page.writer == lease) {
                page.writer = null;
                if (!keep && page.references == 0 && page.child == null) {
                    forget(page);
                    free(page.page);
                }
            }
            page = parent;
        }
    }

    /** Makes a page the last one to be given up, if nobody holds it. */
    private void use(CachedPage page) {
        if (page.references == 0) {
            leave(page);
            append(page);
        }
    }

    private void append(CachedPage page) {
        page.older = newest;
        page.newer = null;
        if (newest == null) {
            oldest = page;
        } else {
            newest.newer = page;
        }
        newest = page;
        unheld++;
    }

    private void leave(CachedPage page) {
        if (page.older == null) {
            oldest = page.newer;
        } else {
            page.older.newer = page.newer;
        }
        if (page.newer == null) {
            newest = page.older;
        } else {
            page.newer.older = page.older;
        }
        page.older = null;
        page.newer = null;
        unheld--;
    }
}
