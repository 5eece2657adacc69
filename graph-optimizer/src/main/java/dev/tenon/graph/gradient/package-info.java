/**
 * Gradients of a loss, as a graph: reverse-mode differentiation (A. Griewank, A. Walther, Evaluating Derivatives, 2008)
 * from graph to graph. {@link dev.tenon.graph.gradient.Trainables} makes inputs of the weights that are trained, and {@link
 * dev.tenon.graph.gradient.Gradients} adds outputs with their gradients. There is no tape: the backward part consists of
 * operators like the forward part, so that passes, kernels and the planner treat both alike.
 *
 * <p>Read {@link dev.tenon.graph.gradient.Gradients#of} first. {@code ForwardPass} copies the graph and replaces operators
 * that are expanded by those that they stand for. Then the nodes are visited from the loss back, and the rule of each node's
 * operator gives the gradients of its operands, by {@code NodeGradient}. {@code Adjoints} adds up the gradients of values
 * that are used more than once. {@code GradientTable} has a line for each operator: a rule, an expansion, or the reason why
 * there is neither. The lines are in families, such as {@code ElementwiseGradients}.
 *
 * <p>Losses, optimisers and batches do not belong here. To add a rule, add a line to the family of the operator. The
 * cases of the operator prove it, and {@code EveryGradientTest} fails for an operator without a line.
 */
package dev.tenon.graph.gradient;
