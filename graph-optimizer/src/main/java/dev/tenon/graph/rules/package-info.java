/**
 * The rules, declarative only: tables of {@link dev.tenon.graph.rewrite.Rule}s, a class for each purpose. {@link
 * dev.tenon.graph.rules.StandardRules} names those that sessions use. Guards that need more than a look at a few nodes ask
 * classes that prove something of a value and change nothing: {@link dev.tenon.graph.rules.Triangle} that a mask is
 * causal, {@link dev.tenon.graph.rules.RecurrentLoop} and {@link dev.tenon.graph.rules.RecurrentCell} that a loop is the
 * steps of a cell, {@link dev.tenon.graph.rules.Roundings} that numbers were rounded, {@link dev.tenon.graph.rules.Twice}
 * that an axis has everything twice. Each bounds what it looks at.
 *
 * <p>What must not live here: the machinery of rewriting; passes. To add a rule: a line in the set of its class, and in
 * its test the graph before and after, a comparison of their results, and a graph on which it must not fire; a rule that
 * no such tests name fails the build. A guard is for what a user may want to know; what merely looks different belongs
 * into the pattern.
 */
package dev.tenon.graph.rules;
