/**
 * Rewriting by rules. A {@link dev.tenon.graph.rewrite.Rule} is a name, a {@link dev.tenon.graph.rewrite.Pattern} that
 * describes what it looks for, a guard that gives a reason against a match, and a replacement without side effects. A
 * {@link dev.tenon.graph.rewrite.Rewriter} applies a {@link dev.tenon.graph.rewrite.RuleSet} until no rule fires. A
 * {@link dev.tenon.graph.rewrite.RewriteTrace} tells which rules fired and which refused, and a {@link
 * dev.tenon.graph.rewrite.GraphMapping} where values are after the rewrites.
 *
 * <p>Rules must not live here: they are in {@code dev.tenon.graph.rules}. Rewrites that are not local to a pattern are
 * passes. To add a kind of pattern, write a subclass of {@link dev.tenon.graph.rewrite.Pattern} and a factory method in
 * it.
 */
package dev.tenon.graph.rewrite;
