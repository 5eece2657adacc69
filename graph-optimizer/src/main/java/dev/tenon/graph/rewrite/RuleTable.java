package dev.tenon.graph.rewrite;

/** Rules in the order in which they are tried, of which a program makes those alone that its graphs may need. */
@FunctionalInterface
public interface RuleTable {
    /**
     * Goes through the rules, always the same ones in the same order. A line asks before it makes its rule.
     *
     * @param rules who asks
     */
    void list(RuleList rules);
}
