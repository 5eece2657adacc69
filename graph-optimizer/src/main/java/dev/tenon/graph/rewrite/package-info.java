/**
 * Rewriting by rules: {@link dev.tenon.graph.rewrite.Pattern} says what a rule looks for, {@link
 * dev.tenon.graph.rewrite.Rule} adds a name, a guard that gives reasons and a pure replacement, {@link
 * dev.tenon.graph.rewrite.Rewriter} applies a {@link dev.tenon.graph.rewrite.RuleSet} to a fixed point, and {@link
 * dev.tenon.graph.rewrite.RewriteTrace} tells what happened and what nearly did.
 *
 * <p>What must not live here: rules, which are tables in {@code dev.tenon.graph.rules}; what is not local to a pattern,
 * which is a pass. A new kind of pattern is a subclass of {@link dev.tenon.graph.rewrite.Pattern} and a factory in it.
 */
package dev.tenon.graph.rewrite;
