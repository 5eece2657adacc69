/**
 * The rules, declarative only: tables of {@link dev.tenon.graph.rewrite.Rule}s, a class for each purpose. {@link
 * dev.tenon.graph.rules.StandardRules} names those that sessions use. Guards that need more than a look at a few nodes ask
 * classes that prove something of a value and change nothing: {@link dev.tenon.graph.rules.Triangle} that a mask is
 * causal, {@link dev.tenon.graph.rules.IntegerWeights} how large sums of integers can be, {@link
 * dev.tenon.graph.rules.RecurrentLoop} and {@link dev.tenon.graph.rules.RecurrentCell} that a loop is the steps of a
 * cell, {@link dev.tenon.graph.rules.Reversals} that an axis is in the reverse order, {@link
 * dev.tenon.graph.rules.Roundings} that numbers were rounded, {@link dev.tenon.graph.rules.Twice} that an axis has
 * everything twice, {@link dev.tenon.graph.rules.ViewRuns} how a view joins dimensions, {@link
 * dev.tenon.graph.rules.WholeMultiples} that numbers are integers times a scale. Each bounds what it looks at.
 *
 * <p>What must not live here: the machinery of rewriting; passes. To add a rule: a line in the table of its class, and in
 * its test the graph before and after, a comparison of their results, and a graph on which it must not fire; a rule that
 * no such tests name fails the build. The line asks for all operators that the rule may start at, and may ask whether
 * another one that it can't do without has been met; what differs from the pattern fails the build too. Names stand there
 * and lists of classes in methods, since a class that is named is loaded, and most graphs have few operators. A guard is
 * for what a user may want to know; what merely looks different belongs into the pattern.
 *
 * <p>Quantised operators become products of float32 that are exact, not of 8-bit integers: {@link
 * dev.tenon.graph.rules.FakeQuantRules} says why.
 */
package dev.tenon.graph.rules;
