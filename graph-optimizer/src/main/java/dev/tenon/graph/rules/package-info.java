/**
 * The rules that sessions use. {@link dev.tenon.graph.rules.StandardRules} has a constant for each set of families, and is
 * the only type that the module exports from here. The rules themselves are in the packages below, by family:
 *
 * <ul>
 *   <li>{@code algebra}: operators that change nothing, chains of views, reversals, shapes and branches that are known
 *   <li>{@code layout}: Transposes, and weights that are permuted in their place
 *   <li>{@code linear}: constants that are folded into weights, and products and convolutions that are merged
 *   <li>{@code fusion}: activations, normalisations and squeeze-and-excitation, found in the operators that spell them
 *       out
 *   <li>{@code attention}: attention, its masks and projections, rotary embedding
 *   <li>{@code recurrent}: loops that are LSTM, GRU or RNN
 *   <li>{@code quant}: quantised operators
 *   <li>{@code tabular}: operators of models for tables, by those of the main domain
 *   <li>{@code analysis}: facts about values that several families ask for
 * </ul>
 *
 * <p>Rules are declarative: a class holds a {@link dev.tenon.graph.rewrite.RuleSet} of {@link
 * dev.tenon.graph.rewrite.Rule}s, and private methods for their guards and replacements. A guard is for a reason that a
 * user may want to know. Graphs that merely look different are told apart by the pattern.
 *
 * <p>The machinery of rewriting and passes must not live here. To add a rule, add it to the set of its class, and to
 * the test of the class: the graph before and after, whose results are compared, and a graph on which the rule must not
 * fire. The build fails without these tests. To add a class of rules, add a line to {@link
 * dev.tenon.graph.rules.StandardRules} at the place where its rules are to be tried, with the operators one of which is
 * in whatever its rules match.
 */
package dev.tenon.graph.rules;
