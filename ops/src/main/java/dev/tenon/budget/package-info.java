/**
 * The budget of work that a model may use: {@link dev.tenon.budget.WorkBudget}. A model is untrusted input, so whatever
 * runs on its behalf runs under a budget: loading, expanding functions, folding, planning, and calls. The thread that
 * works has one budget at a time, which is found by {@link dev.tenon.budget.WorkBudget#current}.
 *
 * <p>Code whose work a model decides counts its work: {@link dev.tenon.budget.WorkBudget#spend} once for each element
 * of a list that the model gives, or with the number of steps of an inner loop. References of operators need not do
 * this, as long as they read or write an element of a tensor in each step of their loops: the elements of tensors are
 * counted by a {@link dev.tenon.budget.WorkMeter}. The memory of texts and of the tensors of a sequence is counted too, before
 * it is taken: their number may be in an operand.
 *
 * <p>{@link dev.tenon.budget.JvmLimits} is for what no count foresees: it turns the errors of the JVM that such work causes into
 * typed exceptions, at the entry of the library.
 *
 * <p>Must not live here: limits of other sizes, which belong to the code that takes the memory; options of users. To add a
 * kind of work: start a budget with the names of its options, and enter it around the work.
 */
package dev.tenon.budget;
