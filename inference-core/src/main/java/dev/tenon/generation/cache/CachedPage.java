package dev.tenon.generation.cache;

import java.util.Arrays;

/**
 * A page whose tokens are known, as a node of the tree of all that is cached in a scope: its parent is the page before it, so that the way
 * to the root is all tokens so far. A page that is not full has no children and is never shared, only copied. The root of a scope has
 * no page.
 */
final class CachedPage {
    private static final int[] NO_TOKENS = {};

    /** Null at the root. */
    final CachedPage parent;

    /** The scope of a root, else null. */
    final String scope;

    final int page;
    final int[] tokens;

    /** The hash of all tokens to the end of the page. */
    final long hash;

    /** The leases that hold the page. */
    int references;

    /** The lease that wrote the page, while it is open. */
    Lease writer;

    /** The first of the pages that follow this one, and the others of the same parent. */
    CachedPage child;

    CachedPage before;
    CachedPage after;

    /** The next page with a hash of the same bucket. */
    CachedPage sameBucket;

    /** Neighbours among the pages that nobody holds, by their last use. */
    CachedPage older;

    CachedPage newer;

    /** The root of a scope. */
    CachedPage(String scope, long hash) {
        this.parent = null;
        this.scope = scope;
        this.page = 0;
        this.tokens = NO_TOKENS;
        this.hash = hash;
    }

    CachedPage(CachedPage parent, int page, int[] tokens, long hash) {
        this.parent = parent;
        this.scope = null;
        this.page = page;
        this.tokens = tokens;
        this.hash = hash;
    }

    void link() {
        after = parent.child;
        if (after != null) {
            after.before = this;
        }
        parent.child = this;
    }

    void unlink() {
        if (before == null) {
            parent.child = after;
        } else {
            before.after = after;
        }
        if (after != null) {
            after.before = before;
        }
        before = null;
        after = null;
    }

    /** How many of some tokens are the first ones of this page. */
    int matching(int[] other, int from, int to) {
        int most = Math.min(tokens.length, to - from);
        int difference = Arrays.mismatch(tokens, 0, most, other, from, from + most);
        return difference < 0 ? most : difference;
    }
}
