package dev.tenon.generation.cache;

/**
 * Tokens that run together. The tokens of one sequence stand in the order of their positions, without gaps; all tokens of the
 * sequence at smaller positions stand in its pages already.
 *
 * @param tokens the ids, one a token
 * @param sequences the row of {@code pageTable} of each token
 * @param positions the position of each token in its sequence, from 0
 * @param pageTable for each sequence the pages that it holds, in the order of positions
 * @param rows the indices of the tokens whose logits are asked for, ascending
 */
public record Step(int[] tokens, int[] sequences, int[] positions, int[][] pageTable, int[] rows) {}
