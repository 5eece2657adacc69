package dev.tenon.generation.cache;

import java.util.Arrays;

/**
 * The pages that a sequence of a {@link PageCache} holds, from {@link PageCache#open} to {@link #close}. For one thread at a time,
 * the same that uses the cache.
 */
public final class Lease {
    private final PageCache cache;
    private final int pageTokens;
    private final int cachedTokens;

    /** The last full page that is known, and how many there are. */
    private CachedPage last;

    private int full;

    /** All pages, the full ones first. An array is not changed once it was given out. */
    private int[] pages;

    /** The tokens of the page that is written. */
    private final int[] tail;

    private int written;
    private boolean closed;

    Lease(PageCache cache, CachedPage last, int full, int part) {
        this.cache = cache;
        this.pageTokens = cache.pageTokens();
        this.last = last;
        this.full = full;
        this.cachedTokens = full * pageTokens + part;
        this.written = cachedTokens;
        this.tail = new int[pageTokens];
        this.pages = new int[full];
        CachedPage node = last;
        for (int i = full - 1; i >= 0; i--) {
            pages[i] = node.page;
            node = node.parent;
        }
    }

    /** Takes the page that begins with copied tokens. */
    void begin(int page, int[] tokens) {
        System.arraycopy(tokens, full * pageTokens, tail, 0, cachedTokens - full * pageTokens);
        pages = Arrays.copyOf(pages, full + 1);
        pages[full] = page;
    }

    /** {@return how many tokens, from the first on, were in the cache at the start: they need not be run} */
    public int cachedTokens() {
        return cachedTokens;
    }

    /** {@return how many tokens, from the first on, stand in the pages} */
    public int writtenTokens() {
        return written;
    }

    /**
     * Takes pages.
     *
     * @param upToTokens positions below it have room afterwards, if it returns true
     * @return false if there are not enough pages, even if all that are merely cached are given up; nothing has changed then
     */
    public boolean reserve(int upToTokens) {
        requireOpen();
        int wanted = Math.ceilDiv(upToTokens, pageTokens);
        if (wanted <= pages.length) {
            return true;
        }
        if (!cache.has(wanted - pages.length)) {
            return false;
        }
        int[] more = Arrays.copyOf(pages, wanted);
        for (int i = pages.length; i < wanted; i++) {
            more[i] = cache.take();
        }
        pages = more;
        return true;
    }

    /**
     * The pages in the order of positions. {@link #reserve} and {@link #written} may change them, the latter also the number of a page that
     * was written: an equal one may stand in its place.
     *
     * @return the pages, which nobody may change; it stays as it is
     */
    public int[] pages() {
        return pages;
    }

    /**
     * Tells that tokens were run: their keys and values stand in the pages. Pages that are full now can be shared at once.
     *
     * @param tokens holds all tokens of the sequence, from the first
     * @param upTo how many of them stand in the pages, at least as many as before
     * @throws IllegalArgumentException if there are fewer than before, or more than the pages have room for
     */
    public void written(int[] tokens, int upTo) {
        requireOpen();
        if (upTo < written || upTo > (long) pages.length * pageTokens || upTo > tokens.length) {
            throw new IllegalArgumentException(upTo + " tokens after " + written + ", room for " + pages.length
                    + " pages of " + pageTokens + ", " + tokens.length + " known");
        }
        while (written < upTo) {
            int at = written % pageTokens;
            int count = Math.min(pageTokens - at, upTo - written);
            System.arraycopy(tokens, written, tail, at, count);
            written += count;
            if (at + count == pageTokens) {
                share();
            }
        }
    }

    private void share() {
        last = cache.share(this, last, pages[full], tail.clone());
        if (last.page != pages[full]) {
            pages = pages.clone();
            pages[full] = last.page;
        }
        full++;
    }

    /**
     * Gives the pages back. A second call does nothing.
     *
     * @param keep whether the tokens stay in the cache for later sequences; otherwise only pages stay that others hold or that were
     *     there before
     */
    public void close(boolean keep) {
        if (!closed) {
            closed = true;
            int[] own = Arrays.copyOfRange(pages, full, pages.length);
            cache.close(this, last, own, Arrays.copyOf(tail, written - full * pageTokens), keep);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the lease is closed");
        }
    }
}
